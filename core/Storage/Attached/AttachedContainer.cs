using System.Globalization;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Stores;

namespace Tributary.Storage.Attached;

/// <summary>Blocks that somebody else writes, compacts and deletes, as Thanos does; they are only ever read.</summary>
/// <remarks>
/// The list of blocks is read at intervals. What counts is decided as by Thanos' Store Gateway: blocks without
/// <c>meta.json</c> are uploads under way, blocks marked for deletion count a day longer, and a block whose sources another
/// one has does not count. Downsampled blocks never do. Safe for several threads.
/// </remarks>
/// <param name="name">What people call it.</param>
/// <param name="blobs">Where the blocks lie.</param>
/// <param name="prefix">What the names of all blocks begin with; empty, or it ends with a slash.</param>
/// <param name="refresh">How often the list is read.</param>
/// <param name="time">The clock.</param>
public sealed class AttachedContainer(string name, IBlobStore blobs, string prefix, TimeSpan refresh, TimeProvider time)
    : IDisposable
{
    /// <summary>Thanos' default of <c>--ignore-deletion-marks-delay</c>.</summary>
    internal static readonly TimeSpan MarkDelay = TimeSpan.FromHours(24);

    internal const int MaxBlocks = 20_000;
    private const int MaxFiles = 1_000_000;
    private const int Parallel = 16;

    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<Ulid, BlockMeta> metas = [];
    private readonly Dictionary<Ulid, string> damaged = [];
    private volatile AttachedList current = new();

    /// <summary>What people call it.</summary>
    public string Name => name;

    /// <summary>The store that is read.</summary>
    internal IBlobStore Blobs => blobs;

    /// <summary>What is known now.</summary>
    public AttachedList Current => current;

    /// <summary>The list, read anew when it is too old; one that cannot be read anew stays as it was.</summary>
    public async Task<AttachedList> ListAsync(CancellationToken cancellationToken)
    {
        if (!IsDue())
        {
            return current;
        }
        // Only who knows nothing yet waits for another one that reads.
        var isMine = await turn.WaitAsync(
            current.ReadAt is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            cancellationToken
        );
        if (!isMine)
        {
            return current;
        }
        try
        {
            if (IsDue())
            {
                current = await ReadAsync(cancellationToken);
            }
        }
        catch (StoreException exception)
        {
            current = current with { Problem = exception.Message, TriedAt = time.GetUtcNow() };
        }
        finally
        {
            turn.Release();
        }
        return current;
    }

    /// <summary>Something of the list is not there any more: it is read anew next time.</summary>
    internal void Expire() => current = current with { TriedAt = null };

    /// <summary>Leaves a block out until the list is read anew.</summary>
    internal void Exclude(Ulid block, string reason)
    {
        lock (damaged)
        {
            damaged[block] = reason;
        }
        current = current with { Blocks = [.. current.Blocks.Select(WithDamage)] };
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private bool IsDue() => current.TriedAt is not { } tried || time.GetUtcNow() - tried >= refresh;

    private AttachedBlock WithDamage(AttachedBlock block)
    {
        lock (damaged)
        {
            return damaged.TryGetValue(block.Ulid, out var reason)
                ? block with
                {
                    Reason = reason,
                    IsDamaged = true,
                }
                : block;
        }
    }

    private async Task<AttachedList> ReadAsync(CancellationToken cancellationToken)
    {
        var (folders, problem) = await ListFoldersAsync(cancellationToken);
        lock (damaged)
        {
            damaged.Clear();
        }
        foreach (var gone in metas.Keys.Where(ulid => !folders.ContainsKey(ulid)).ToList())
        {
            metas.Remove(gone);
        }
        var blocks = new List<AttachedBlock>();
        foreach (var some in folders.Chunk(Parallel))
        {
            blocks.AddRange(
                await Task.WhenAll(some.Select(folder => ReadBlockAsync(folder.Key, folder.Value, cancellationToken)))
            );
        }
        foreach (var block in blocks.Where(block => block.Meta is not null))
        {
            metas[block.Ulid] = block.Meta!;
        }
        if (blocks.Count == 0)
        {
            problem = "there is no block in it: is its name right?";
        }
        var now = time.GetUtcNow();
        return new AttachedList
        {
            Blocks = [.. AttachedChoice.Of(blocks).OrderBy(block => block.Meta?.MinTimeMs).ThenBy(block => block.Ulid)],
            Problem = problem,
            ReadAt = now,
            TriedAt = now,
        };
    }

    /// <summary>The files by block: of the newest blocks, when there are too many.</summary>
    private async Task<(SortedDictionary<Ulid, List<BlobInfo>> Folders, string Problem)> ListFoldersAsync(
        CancellationToken cancellationToken
    )
    {
        var folders = new SortedDictionary<Ulid, List<BlobInfo>>();
        var files = 0;
        var problem = "";
        await foreach (var file in blobs.ListAsync(prefix, cancellationToken))
        {
            var path = file.Name.AsSpan(prefix.Length);
            var end = path.IndexOf('/');
            if (end < 0 || !Ulid.TryParse(path[..end].ToString(), out var ulid))
            {
                continue;
            }
            if (!folders.TryGetValue(ulid, out var ofBlock))
            {
                folders.Add(ulid, ofBlock = []);
            }
            ofBlock.Add(file);
            files++;
            while (folders.Count > MaxBlocks || files > MaxFiles)
            {
                var oldest = folders.First();
                folders.Remove(oldest.Key);
                files -= oldest.Value.Count;
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"it has more than {MaxBlocks} blocks or {MaxFiles} files: the oldest blocks are left out"
                );
            }
        }
        return (folders, problem);
    }

    private async Task<AttachedBlock> ReadBlockAsync(
        Ulid ulid,
        List<BlobInfo> files,
        CancellationToken cancellationToken
    )
    {
        var block = new AttachedBlock(ulid, $"{prefix}{ulid}/") { Bytes = files.Sum(file => file.LengthBytes) };
        if (!files.Exists(file => file.Name == block.Prefix + BlockPaths.Meta))
        {
            return block with { Reason = $"it has no {BlockPaths.Meta}: it is being written or deleted" };
        }
        try
        {
            var meta =
                metas.GetValueOrDefault(ulid)
                ?? await BlockReader.ReadMetaAsync(blobs, block.Prefix, cancellationToken);
            block = block with
            {
                Meta = meta with { Files = FilesOf(block.Prefix, files) },
                // A Tributary's blocks have it; here the name says where they come from.
                Labels = LabelsOf(meta, block.Prefix),
            };
            if (meta.ResolutionMs != 0)
            {
                return block with { Reason = "it is downsampled" };
            }
            return files.Exists(file => file.Name == block.Prefix + DeletionMark.FileName)
                ? await WithMarkAsync(block, cancellationToken)
                : block;
        }
        catch (CorruptDataException exception)
        {
            return block with { Reason = exception.Message, IsDamaged = true };
        }
        catch (StoreException exception) when (exception.Error == StoreError.NotFound)
        {
            return block with { Reason = "it is being deleted" };
        }
    }

    private async Task<AttachedBlock> WithMarkAsync(AttachedBlock block, CancellationToken cancellationToken)
    {
        var marked = await DeletionMark.ReadAsync(blobs, block.Prefix + DeletionMark.FileName, cancellationToken);
        return time.GetUtcNow() - marked > MarkDelay
            ? block with
            {
                Reason = string.Create(
                    CultureInfo.InvariantCulture,
                    $"it was marked for deletion at {marked:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                ),
            }
            : block;
    }

    private static List<BlockMetaFile> FilesOf(string blockPrefix, List<BlobInfo> files) =>
        [
            .. files
                .Select(file => new BlockMetaFile(file.Name[blockPrefix.Length..], file.LengthBytes))
                .Where(file =>
                    file.Path is BlockPaths.Index or BlockPaths.Tombstones
                    || file.Path.StartsWith(BlockPaths.Chunks, StringComparison.Ordinal)
                ),
        ];

    private static LabelSet LabelsOf(BlockMeta meta, string blockPrefix)
    {
        try
        {
            return LabelSet.Of(
                meta.Labels.Where(label => label.Key != LabelSet.StoreLabel)
                    .Select(label => new Label(label.Key, label.Value))
            );
        }
        catch (ArgumentException exception)
        {
            throw new CorruptDataException(blockPrefix + BlockPaths.Meta, 0, $"thanos.labels: {exception.Message}");
        }
    }
}

/// <summary>What was in an attached container.</summary>
public sealed record AttachedList
{
    /// <summary>The blocks, also those that do not count, by time.</summary>
    public IReadOnlyList<AttachedBlock> Blocks { get; init; } = [];

    /// <summary>Why the list is not complete or not new; empty when it is both.</summary>
    public string Problem { get; init; } = "";

    /// <summary>When it was read; null: never.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>When that was tried last; null: it is to be tried now.</summary>
    public DateTimeOffset? TriedAt { get; init; }
}
