using System.Globalization;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>Reads the blocks of a plan, several at once; leaves out those that are damaged, and says so.</summary>
/// <param name="blocks">Opens them.</param>
/// <param name="attached">Reads those that are in no manifest.</param>
/// <param name="writer">Puts damaged ones into quarantine.</param>
/// <param name="newUlid">Makes identifiers of commits.</param>
internal sealed class BlockAccess(OpenBlocks blocks, AttachedAccess attached, ManifestWriter writer, Func<Ulid> newUlid)
{
    /// <summary>Blocks that are read at once.</summary>
    private const int Parallel = 8;

    /// <summary>Reads each live block of a plan; null for a damaged one.</summary>
    /// <returns>What was read, in the order of the plan.</returns>
    /// <exception cref="StoreException">The store cannot be used; NotFound: a block is gone, plan again.</exception>
    public async Task<List<T>> ReadAsync<T>(
        StorePlan plan,
        Func<BlockRow, BlockReader, CancellationToken, Task<T>> read,
        WarningList warnings,
        CancellationToken cancellationToken
    )
        where T : class
    {
        Warn(plan, warnings);
        var results = new List<T>();
        for (var first = 0; first < plan.Blocks.Count; first += Parallel)
        {
            var tasks = new List<Task<T?>>();
            foreach (var row in plan.Blocks.Skip(first).Take(Parallel))
            {
                tasks.Add(
                    attached.Find(row) is { } place
                        ? attached.ReadAsync(row, place, read, warnings, cancellationToken)
                        : ReadOneAsync(row, read, warnings, cancellationToken)
                );
            }
            results.AddRange((await Task.WhenAll(tasks)).OfType<T>());
        }
        return results;
    }

    /// <summary>Names the blocks of a plan that are left out.</summary>
    public static void Warn(StorePlan plan, WarningList warnings)
    {
        foreach (var row in plan.QuarantinedBlocks)
        {
            warnings.Add(LeftOut(row.Block, row.Reason));
        }
        foreach (var problem in plan.Problems)
        {
            warnings.Add(problem);
        }
    }

    /// <summary>Puts a block of a plan into quarantine that was read before it was known to be damaged.</summary>
    /// <returns>False when no block has the damage, or it cannot be put there.</returns>
    public async Task<bool> TryQuarantineAsync(
        StorePlan plan,
        CorruptDataException damage,
        CancellationToken cancellationToken
    )
    {
        var row = plan.Blocks.FirstOrDefault(one =>
            damage.Blob.Contains(one.Block.Ulid.ToString(), StringComparison.Ordinal)
        );
        if (row is null || attached.Find(row) is not null)
        {
            return false;
        }
        blocks.Forget(row.Block.Ulid);
        try
        {
            // Where it is not live any more, the next plan is another one.
            await writer.QuarantineAsync(newUlid(), row.Block.Ulid, damage.Message, cancellationToken);
            return true;
        }
        catch (StoreException)
        {
            // Who asked says what is damaged.
            return false;
        }
    }

    private async Task<T?> ReadOneAsync<T>(
        BlockRow row,
        Func<BlockRow, BlockReader, CancellationToken, Task<T>> read,
        WarningList warnings,
        CancellationToken cancellationToken
    )
        where T : class
    {
        try
        {
            return await read(row, await blocks.OpenAsync(row.Block, cancellationToken), cancellationToken);
        }
        catch (CorruptDataException)
        {
            // Perhaps it is only what was read of it; the second time tells.
            blocks.Forget(row.Block.Ulid);
        }
        try
        {
            return await read(row, await blocks.OpenAsync(row.Block, cancellationToken), cancellationToken);
        }
        catch (CorruptDataException exception)
        {
            blocks.Forget(row.Block.Ulid);
            await QuarantineAsync(row.Block, exception.Message, warnings, cancellationToken);
            return null;
        }
    }

    private async Task QuarantineAsync(
        BlockDescription block,
        string reason,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (!await writer.QuarantineAsync(newUlid(), block.Ulid, reason, cancellationToken))
            {
                // Not live any more: what it held is elsewhere, or somebody else has put it into quarantine.
                throw new StoreException(StoreError.NotFound, $"block {block.Ulid} is not live any more");
            }
            warnings.Add(LeftOut(block, reason));
        }
        catch (StoreException exception) when (exception.Error != StoreError.NotFound)
        {
            warnings.Add(LeftOut(block, $"{reason}; it could not be put into quarantine: {exception.Message}"));
        }
    }

    private static string LeftOut(BlockDescription block, string reason) =>
        $"block {block.Ulid} ({Time(block.MinTimeMs)} to {Time(block.MaxTimeMs)}) is damaged and left out: {reason}";

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z";
}
