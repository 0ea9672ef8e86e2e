using Tributary.Binary;
using Tributary.Storage.Attached;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>Reads blocks of attached containers; what is wrong with one of them is said, and stops nothing else.</summary>
/// <param name="containers">Where they are.</param>
/// <param name="blocks">Keeps those that were opened.</param>
/// <param name="series">Keeps their decoded series.</param>
/// <param name="cache">Keeps what was read.</param>
internal sealed class AttachedAccess(
    AttachedContainers containers,
    OpenBlocks blocks,
    SeriesCache series,
    PageCache cache
)
{
    /// <summary>Where a block of a plan lies; null when it is one of ours.</summary>
    /// <exception cref="StoreException">NotFound: it is gone, plan again.</exception>
    public (AttachedContainer Container, AttachedBlock Block)? Find(BlockRow row) => containers.Find(row);

    /// <summary>Reads a block; null when it cannot be read.</summary>
    /// <exception cref="StoreException">NotFound: it is gone, plan again.</exception>
    public async Task<T?> ReadAsync<T>(
        BlockRow row,
        (AttachedContainer Container, AttachedBlock Block) place,
        Func<BlockRow, BlockReader, CancellationToken, Task<T>> read,
        WarningList warnings,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var (container, block) = place;
        for (var isSecond = false; ; isSecond = true)
        {
            try
            {
                var opened = await blocks.OpenAsync(
                    block.Ulid,
                    () => block.OpenAsync(container.Blobs, cache, series, cancellationToken)
                );
                return await read(row, opened, cancellationToken);
            }
            catch (CorruptDataException exception)
            {
                // Perhaps it is only what was read of it; the second time tells.
                blocks.Forget(block.Ulid, block.Prefix);
                if (isSecond)
                {
                    container.Exclude(block.Ulid, exception.Message);
                    warnings.Add(LeftOut(container, block, "is damaged and", exception.Message));
                    return null;
                }
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound)
            {
                blocks.Forget(block.Ulid, block.Prefix);
                container.Expire();
                throw;
            }
            catch (StoreException exception)
            {
                warnings.Add(LeftOut(container, block, "is", exception.Message));
                return null;
            }
        }
    }

    private static string LeftOut(AttachedContainer container, AttachedBlock block, string what, string reason) =>
        $"attached '{container.Name}': block {block.Ulid} {what} left out: {reason}";
}
