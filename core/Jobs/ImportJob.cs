using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Imports blocks that a Prometheus wrote: each is verified, copied and committed by itself.</summary>
/// <remarks>
/// A copy gets a name of its own, because names of blocks are never used again here: late deletes and uploads of killed
/// processes cannot meet it. A block is known again by its sources, the level-1 blocks whose samples it holds: when a block
/// of the store has them all, there is nothing to do. So importing again goes on where the last import ended, also when what
/// was imported has been merged since.
/// </remarks>
/// <param name="blobs">Where blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="time">The clock of pauses.</param>
/// <param name="newUlid">Makes identifiers of the present time; never the same twice.</param>
public sealed class ImportJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    private const int MaxTries = 5;
    private const long CacheBytes = 16 * 1024 * 1024;
    private const int ReadAheadBytes = 1024 * 1024;
    private const string DeletionMark = "deletion-mark.json";

    private readonly ManifestReader reader = new(tables);

    /// <summary>Told how far it is.</summary>
    public Action<ImportProgress> Progress { get; init; } = _ => { };

    /// <summary>Imports the blocks of a folder, the oldest first; each result comes when it is final.</summary>
    /// <exception cref="StoreException">The store cannot be used; what was committed stays, the rest can be imported again.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async IAsyncEnumerable<ImportedBlock> RunAsync(
        ImportFolder folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var writer = new ManifestWriter(tables, reader, time);
        var committer = new BlockCommitter(blobs, writer, time, newUlid);
        var storeId = await StoreIdentity.GetAsync(blobs, newUlid, cancellationToken);
        var (blocks, damaged) = await ReadAsync(folder, cancellationToken);
        foreach (var refused in damaged)
        {
            yield return refused;
        }
        for (var i = 0; i < blocks.Count; i++)
        {
            var (meta, index) = (blocks[i], i + 1);
            var progress = new ImportProgress(index, blocks.Count, meta.Ulid, 0, 0);
            yield return await ImportAsync(folder.Files, meta, committer, storeId, progress, cancellationToken);
        }
    }

    /// <summary>All that can be known before their data is read; a block that another one holds comes after that one.</summary>
    private static async Task<(List<BlockMeta> Blocks, List<ImportedBlock> Damaged)> ReadAsync(
        ImportFolder folder,
        CancellationToken cancellationToken
    )
    {
        var blocks = new List<BlockMeta>();
        var damaged = new List<ImportedBlock>();
        foreach (var ulid in folder.Blocks)
        {
            try
            {
                blocks.Add(await BlockReader.ReadMetaAsync(folder.Files, $"{ulid}/", cancellationToken));
            }
            catch (CorruptDataException exception)
            {
                damaged.Add(Refused(ulid, exception.Message));
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound)
            {
                damaged.Add(Refused(ulid, "it went while it was looked at: a Prometheus works here; import again"));
            }
        }
        var held = blocks.ToDictionary(
            block => block.Ulid,
            block =>
                blocks.Exists(other =>
                    other.Sources.Count > block.Sources.Count && SourcesOf(block).All(other.Sources.Contains)
                )
        );
        return ([.. blocks.OrderBy(block => held[block.Ulid]).ThenBy(block => block.MinTimeMs)], damaged);
    }

    private async Task<ImportedBlock> ImportAsync(
        IBlobStore from,
        BlockMeta meta,
        BlockCommitter committer,
        string storeId,
        ImportProgress progress,
        CancellationToken cancellationToken
    )
    {
        var manifest = await reader.RefreshAsync(cancellationToken);
        if (FindSame(manifest, meta) is { } there)
        {
            return Result(meta, ImportOutcome.AlreadyThere, there);
        }
        Progress(progress);
        var files = await BlockFileNames.ListAsync(from, $"{meta.Ulid}/", cancellationToken);
        files.RemoveAll(file => file is { Path: BlockPaths.Tombstones, SizeBytes: <= Tombstones.MinBytes });
        var problem =
            await FindProblemAsync(from, meta, files, cancellationToken)
            ?? await VerifyAsync(from, meta, cancellationToken);
        if (problem is not null)
        {
            return Refused(meta.Ulid, problem);
        }
        var bytes = files.Sum(file => file.SizeBytes);
        var refusal = "";
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            var copy = new BlockCopy(from, blobs, storeId)
            {
                Progress = done => Progress(progress with { DoneBytes = done, Bytes = bytes }),
            };
            var written = default(Ulid);
            var result = await committer.AddAsync(
                DescriptionOf(meta, files),
                manifest,
                async (task, token) =>
                {
                    written = task.Block.Ulid;
                    return await copy.RunAsync(task, meta, files, token);
                },
                cancellationToken
            );
            if (result.IsCommitted)
            {
                return Result(meta, ImportOutcome.Imported, written);
            }
            refusal = result.Refusal;
            manifest = await reader.ReloadAsync(cancellationToken);
            if (FindSame(manifest, meta) is { } other)
            {
                return Result(meta, ImportOutcome.AlreadyThere, other);
            }
        }
        return Refused(meta.Ulid, $"{refusal}; import again");
    }

    /// <summary>The kept block that has all samples of this one.</summary>
    private static Ulid? FindSame(ManifestSnapshot manifest, BlockMeta meta)
    {
        var sources = SourcesOf(meta);
        foreach (var row in manifest.Blocks.Values.Where(row => row.IsKept))
        {
            if (row.Block.Ulid == meta.Ulid || sources.All(row.Block.Sources.Contains))
            {
                return row.Block.Ulid;
            }
        }
        return null;
    }

    private static IReadOnlyList<Ulid> SourcesOf(BlockMeta meta) => meta.Sources.Count > 0 ? meta.Sources : [meta.Ulid];

    private static BlockDescription DescriptionOf(BlockMeta meta, List<BlockFile> files) =>
        BlockMetaDescription.Of(meta with { LogFiles = [] }) with
        {
            Sources = SourcesOf(meta),
            Parents = [meta.Ulid],
            Files = files,
        };

    /// <summary>Why a block of this kind is not taken, before its data is read.</summary>
    private static async Task<string?> FindProblemAsync(
        IBlobStore from,
        BlockMeta meta,
        List<BlockFile> files,
        CancellationToken cancellationToken
    )
    {
        var foreign = meta.Labels.Where(label => label.Key != LabelSet.StoreLabel).ToList();
        return meta.ResolutionMs != 0 ? "Thanos downsampled it: import the block with the raw samples"
            : foreign.Count > 0
                ? $"Thanos adds labels to its series ({string.Join(", ", foreign.Select(label => label.Key))}), which would "
                    + "be lost: import the blocks of the Prometheus itself"
            : await from.GetInfoAsync($"{meta.Ulid}/{DeletionMark}", cancellationToken) is not null
                ? $"it is marked as deleted ({DeletionMark})"
            : meta.Sources.Count > ManifestLimits.Sources
                ? $"it descends from {meta.Sources.Count} blocks; at most {ManifestLimits.Sources} are possible"
            : files.Count > ManifestLimits.Files
                ? $"it has {files.Count} files; at most {ManifestLimits.Files} are possible"
            : null;
    }

    /// <summary>Reads everything; what is wrong, or null.</summary>
    private static async Task<string?> VerifyAsync(IBlobStore from, BlockMeta meta, CancellationToken cancellationToken)
    {
        using var cache = new PageCache(CacheBytes);
        var ranges = new RangeReader(from, cache, ReadAheadBytes);
        var prefix = $"{meta.Ulid}/";
        var report = await BlockVerifier.VerifyAsync(ranges, prefix, cancellationToken);
        if (report.Problems.Count > 0)
        {
            var more = report.Problems.Count > 1 ? $" (and {report.Problems.Count - 1} more problems)" : "";
            return $"it is damaged: {report.Problems[0].Message}{more}";
        }
        var block = await BlockReader.OpenAsync(ranges, prefix, meta, cancellationToken);
        return block.Index.LabelNames.Contains(LabelSet.StoreLabel, StringComparer.Ordinal)
            ? $"some of its series have the label {LabelSet.StoreLabel}, which is reserved for Tributary's blocks"
            : null;
    }

    private static ImportedBlock Refused(Ulid source, string reason) =>
        new(source, ImportOutcome.Refused, Reason: reason);

    private static ImportedBlock Result(BlockMeta meta, ImportOutcome outcome, Ulid block) =>
        new(meta.Ulid, outcome, block)
        {
            MinTimeMs = meta.MinTimeMs,
            MaxTimeMs = meta.MaxTimeMs,
            Series = meta.Statistics.Series,
            Samples = meta.Statistics.Samples,
        };
}
