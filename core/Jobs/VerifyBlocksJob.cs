using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>
/// Reads blocks from end to end and compares them with the manifest: all files are there, every checksum, the order of
/// everything, the counts; and no whole block is forgotten.
/// </summary>
/// <param name="blobs">Where blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
public sealed class VerifyBlocksJob(IBlobStore blobs, ITableStore tables)
{
    private const long CacheBytes = 16 * 1024 * 1024;
    private const int ReadAheadBytes = 1024 * 1024;

    private readonly ManifestReader reader = new(tables);

    /// <summary>Verifies one block or all; one that was replaced meanwhile is left out.</summary>
    /// <param name="only">The block; null for all that are kept.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="BlocksException">There is no such block, or it is no longer kept.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async IAsyncEnumerable<BlockVerdict> RunAsync(
        Ulid? only,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var manifest = await reader.ReloadAsync(cancellationToken);
        foreach (var row in RowsOf(manifest, only))
        {
            if (await VerifyAsync(row, cancellationToken) is { } verdict)
            {
                yield return verdict;
            }
        }
        if (only is not null)
        {
            yield break;
        }
        foreach (var (key, problem) in manifest.Problems)
        {
            yield return new BlockVerdict(key, [problem]);
        }
        foreach (var ulid in await FindForgottenAsync(cancellationToken))
        {
            yield return new BlockVerdict(
                ulid.ToString(),
                ["the manifest does not know this whole block: 'tributary blocks rebuild-manifest' takes it in"]
            );
        }
    }

    private static IReadOnlyList<BlockRow> RowsOf(ManifestSnapshot manifest, Ulid? only)
    {
        if (only is not { } ulid)
        {
            return
            [
                .. manifest
                    .Blocks.Values.Where(row => row.IsKept)
                    .OrderBy(row => row.Block.MinTimeMs)
                    .ThenBy(row => row.Block.Ulid),
            ];
        }
        var row = manifest.Blocks.GetValueOrDefault(ulid) ?? throw BlocksJob.NoSuchBlock(ulid);
        return row.IsKept
            ? [row]
            : throw new BlocksException(
                row.State == BlockState.Pending
                    ? $"block {ulid} is being written: it can be verified once it is live."
                    : $"block {ulid} does not count any more ({row.Reason}); its files go."
            );
    }

    /// <summary>Null: the block went while it was read.</summary>
    private async Task<BlockVerdict?> VerifyAsync(BlockRow row, CancellationToken cancellationToken)
    {
        var ulid = row.Block.Ulid;
        var problems = new List<string>();
        if (row.State == BlockState.Quarantined)
        {
            problems.Add($"in quarantine, left out of every answer: {row.Reason}");
        }
        try
        {
            using var cache = new PageCache(CacheBytes);
            var ranges = new RangeReader(blobs, cache, ReadAheadBytes);
            var prefix = BlockPaths.PrefixOf(ulid);
            var report = await BlockVerifier.VerifyAsync(ranges, prefix, cancellationToken);
            problems.AddRange(report.Problems.Select(problem => problem.Message));
            if (report.Problems.Count == 0)
            {
                var meta = await BlockReader.ReadMetaAsync(blobs, prefix, cancellationToken);
                problems.AddRange(Differences(row.Block, BlockMetaDescription.Of(meta)));
            }
        }
        catch (StoreException exception) when (exception.Error == StoreError.NotFound)
        {
            problems.Add($"the manifest says that it is there, but a file is missing: {exception.Message}");
        }
        catch (CorruptDataException exception)
        {
            problems.Add(exception.Message);
        }
        if (problems.Count > 0)
        {
            var now = await reader.ReloadAsync(cancellationToken);
            if (!now.Blocks.TryGetValue(ulid, out var after) || !after.IsKept)
            {
                return null;
            }
        }
        return new BlockVerdict(ulid.ToString(), problems) { Row = row };
    }

    /// <summary>Where the row says something else than <c>meta.json</c>.</summary>
    private static IEnumerable<string> Differences(BlockDescription row, BlockDescription meta)
    {
        (string What, object Row, object Meta)[] facts =
        [
            ("level", row.Level, meta.Level),
            ("minTime", row.MinTimeMs, meta.MinTimeMs),
            ("maxTime", row.MaxTimeMs, meta.MaxTimeMs),
            ("number", row.Number, meta.Number),
            ("series", row.Series, meta.Series),
            ("samples", row.Samples, meta.Samples),
            ("chunks", row.Chunks, meta.Chunks),
            ("sources", string.Join(' ', row.Sources.Order()), string.Join(' ', meta.Sources.Order())),
            ("files", FilesOf(row), FilesOf(meta)),
        ];
        return facts
            .Where(fact => !fact.Row.Equals(fact.Meta))
            .Select(fact => $"{fact.What}: the manifest says {fact.Row}, meta.json says {fact.Meta}");
    }

    private static string FilesOf(BlockDescription block) =>
        string.Join(
            ' ',
            block
                .Files.Where(file => file.Path != BlockPaths.Meta)
                .Select(file => $"{file.Path}:{file.SizeBytes}")
                .Order(StringComparer.Ordinal)
        );

    /// <summary>Whole blocks without a row that are no garbage.</summary>
    private async Task<IReadOnlyList<Ulid>> FindForgottenAsync(CancellationToken cancellationToken)
    {
        var found = new List<(Ulid Ulid, BlobInfo Blob)>();
        await foreach (var blob in blobs.ListAsync(BlockPaths.Container, cancellationToken))
        {
            if (RebuildManifestJob.TryParseMeta(blob.Name, out var ulid))
            {
                found.Add((ulid, blob));
            }
        }
        // Behind the list: a row is there before the block is whole.
        var manifest = await reader.ReloadAsync(cancellationToken);
        return
        [
            .. found
                .Where(one => !manifest.HasRow(one.Ulid) && manifest.Born?.Judges(one.Blob) is not true)
                .Select(one => one.Ulid),
        ];
    }
}

/// <summary>What a verification found.</summary>
/// <param name="Name">The block, or the key of a row that cannot be read.</param>
/// <param name="Problems">What is wrong; none for a good block.</param>
public sealed record BlockVerdict(string Name, IReadOnlyList<string> Problems)
{
    /// <summary>The block's row; null where there is none.</summary>
    public BlockRow? Row { get; init; }
}
