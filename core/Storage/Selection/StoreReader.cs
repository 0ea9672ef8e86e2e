using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Attached;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Files;
using Tributary.Storage.Head;
using Tributary.Storage.Indexes;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>Blocks, log and head as one: series with samples of a range, or without, label names and values.</summary>
/// <remarks>
/// Safe for several threads. Each answer is of one moment of the manifest; where two places have a sample of a series at
/// one time, the earlier block counts, then the later ones, then the log. All calls throw a <see cref="StoreException"/>
/// when the store cannot be used, and a <see cref="CorruptDataException"/> when the manifest has to be rebuilt.
/// </remarks>
internal sealed class StoreReader : IDisposable
{
    private const int SeriesPerBatch = 512;
    private const int ChunksPerBatch = 4096;

    private readonly StoreReaderOptions options;
    private readonly PageCache cache;
    private readonly StoreView view;
    private readonly BlockAccess blocks;
    private readonly RecentPart recentPart;
    private readonly TextCache texts = new();
    private readonly AttachedContainers attached = new();

    /// <summary>A reader over stores.</summary>
    /// <param name="blobs">Where log and blocks lie.</param>
    /// <param name="tables">Where the manifest lies.</param>
    /// <param name="recent">The head; null for a process without one, which reads the log instead.</param>
    /// <param name="options">What it may use.</param>
    /// <param name="time">The clock of pauses between tries.</param>
    /// <param name="newUlid">Makes identifiers of commits; never the same twice.</param>
    /// <param name="lister">Lists the log, for the head too; null for one that nobody shares.</param>
    public StoreReader(
        IBlobStore blobs,
        ITableStore tables,
        RecentLog? recent,
        StoreReaderOptions options,
        TimeProvider time,
        Func<Ulid> newUlid,
        LogLister? lister = null
    )
    {
        this.options = options;
        cache = new PageCache(options.CacheBytes, options.CacheFolder, options.CacheDiskBytes);
        Manifest = new ManifestReader(tables);
        view = new StoreView(blobs, Manifest, lister);
        var writer = new ManifestWriter(tables, Manifest, time);
        var series = new SeriesCache(options.SeriesCacheBytes);
        var opened = new OpenBlocks(new RangeReader(blobs, cache), series);
        blocks = new BlockAccess(opened, new AttachedAccess(attached, opened, series, cache), writer, newUlid);
        recentPart = new RecentPart(blobs, recent, options.LogCacheBytes);
    }

    /// <summary>Reads the manifest, and keeps it.</summary>
    public ManifestReader Manifest { get; }

    /// <summary>The samples in a range of each series that one of the selectors matches.</summary>
    /// <exception cref="SelectionLimitException">There are too many.</exception>
    public Task<Selection> SelectAsync(
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            range,
            async (plan, token) =>
            {
                var warnings = new WarningList();
                var budget = new SampleBudget(options.MaxSamples);
                var merge = new SeriesMerge();
                var found = await blocks.ReadAsync(
                    plan,
                    (row, block, stop) => ReadSamplesAsync(block, DeletesOf(plan, row), selectors, range, budget, stop),
                    warnings,
                    token
                );
                foreach (var series in found.SelectMany(one => one))
                {
                    merge.Add(series);
                }
                foreach (var series in await recentPart.SelectAsync(plan, selectors, budget, warnings, token))
                {
                    merge.Add(series);
                }
                return new Selection(merge.Finish(), warnings.All);
            },
            cancellationToken
        );

    /// <summary>The chunks of a range of each series that satisfies some matchers, all in memory.</summary>
    /// <exception cref="SelectionLimitException">There are too many.</exception>
    public async Task<ChunkSelection> SelectChunksAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SelectionLimits limits,
        CancellationToken cancellationToken
    ) => (await SelectChunksAsync([new ChunkQuery(matchers, range)], limits, cancellationToken))[0];

    /// <summary>The chunks of several queries, all of one moment of the manifest; they share the limits.</summary>
    /// <returns>A selection for each query.</returns>
    /// <exception cref="SelectionLimitException">There are too many.</exception>
    public async Task<ChunkSelection[]> SelectChunksAsync(
        IReadOnlyList<ChunkQuery> queries,
        SelectionLimits limits,
        CancellationToken cancellationToken
    )
    {
        if (queries.Count == 0)
        {
            return [];
        }
        var hull = new TimeRange(queries.Min(query => query.Range.MinMs), queries.Max(query => query.Range.MaxMs));
        return await ReadAsync(hull, ReadPlanAsync, cancellationToken);

        async Task<ChunkSelection[]> ReadPlanAsync(StorePlan plan, CancellationToken token)
        {
            var budget = new ChunkBudget(limits);
            var selections = new ChunkSelection[queries.Count];
            for (var i = 0; i < selections.Length; i++)
            {
                selections[i] = await SelectChunksAsync(plan.Within(queries[i].Range), queries[i], budget, token);
            }
            return selections;
        }
    }

    private async Task<ChunkSelection> SelectChunksAsync(
        StorePlan plan,
        ChunkQuery query,
        ChunkBudget budget,
        CancellationToken cancellationToken
    )
    {
        var warnings = new WarningList();
        var ranks = plan.Blocks.Select((row, rank) => (row.Block.Ulid, rank)).ToDictionary();
        var table = new SelectionTable(query.Range, budget);
        var found = await blocks.ReadAsync(
            plan,
            (row, block, stop) =>
                new BlockChunks(block, ranks[row.Block.Ulid], DeletesOf(plan, row), budget).ReadAsync(
                    query.Matchers,
                    query.Range,
                    stop
                ),
            warnings,
            cancellationToken
        );
        foreach (var ofBlock in found)
        {
            table.Begin();
            foreach (var (labels, chunks) in ofBlock)
            {
                table.Add(labels, chunks);
            }
            table.End();
        }
        await recentPart.SelectChunksAsync(plan, query.Matchers, ranks.Count, table, warnings, cancellationToken);
        return new ChunkSelection(table.Finish(), warnings.All);
    }

    /// <summary>The series that one of the selectors matches and that have chunks in a range.</summary>
    /// <param name="selectors">One at least.</param>
    /// <param name="range">The time.</param>
    /// <param name="limit">The most series; 0 is no limit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<LookUp<LabelSet>> SeriesAsync(
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        int limit,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            range,
            async (plan, token) =>
            {
                var warnings = new WarningList();
                var union = new LabelSetUnion();
                var found = await blocks.ReadAsync(
                    plan,
                    (row, block, stop) => ReadLabelsAsync(block, DeletesOf(plan, row), selectors, range, limit, stop),
                    warnings,
                    token
                );
                found.ForEach(union.Add);
                union.Add(await recentPart.SelectLabelsAsync(plan, selectors, warnings, token));
                return new LookUp<LabelSet>(union.Sorted, warnings.All).Limit(limit);
            },
            cancellationToken
        );

    /// <summary>The label names of the matching series, or of all series without selectors, where the range has data.</summary>
    public Task<LookUp<string>> LabelNamesAsync(
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        int limit,
        CancellationToken cancellationToken
    ) =>
        TextsAsync(
            null,
            selectors,
            range,
            limit,
            (plan, warnings, stop) => recentPart.LabelNamesAsync(plan, selectors, warnings, stop),
            cancellationToken
        );

    /// <summary>The values of a label among the matching series, or among all without selectors, where the range has data.</summary>
    public Task<LookUp<string>> LabelValuesAsync(
        string name,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        int limit,
        CancellationToken cancellationToken
    ) =>
        TextsAsync(
            name,
            selectors,
            range,
            limit,
            (plan, warnings, stop) => recentPart.LabelValuesAsync(plan, name, selectors, warnings, stop),
            cancellationToken
        );

    /// <summary>Puts the block into quarantine of which a chunk cannot be decoded.</summary>
    /// <returns>Whether it is out of the way; false when the place is no block of the manifest, or cannot be marked.</returns>
    public Task<bool> QuarantineAsync(CorruptDataException damage, CancellationToken cancellationToken) =>
        ReadAsync(
            new TimeRange(long.MinValue, long.MaxValue),
            async (plan, stop) => await blocks.TryQuarantineAsync(plan, damage, stop),
            cancellationToken
        );

    /// <summary>The containers of others whose blocks are read, too.</summary>
    public IReadOnlyList<AttachedContainer> Attached
    {
        get => attached.All;
        set => attached.All = value;
    }

    /// <inheritdoc/>
    public void Dispose() => cache.Dispose();

    /// <summary>Plans, with the attached blocks, and reads.</summary>
    private Task<T> ReadAsync<T>(
        TimeRange range,
        Func<StorePlan, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) =>
        view.ReadAsync(
            range,
            async (plan, stop) => await read(await attached.AddAsync(plan, stop), stop),
            cancellationToken
        );

    private Task<LookUp<string>> TextsAsync(
        string? name,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        int limit,
        Func<StorePlan, WarningList, CancellationToken, Task<IEnumerable<string>>> ofRecent,
        CancellationToken cancellationToken
    ) =>
        ReadAsync(
            range,
            async (plan, token) =>
            {
                var warnings = new WarningList();
                var ofBlocks = await BlockTextsAsync(plan, name, selectors, warnings, token);
                var all = ofBlocks.With(await ofRecent(plan, warnings, token));
                return new LookUp<string>(all, warnings.All).Limit(limit);
            },
            cancellationToken
        );

    private async Task<SortedTexts> BlockTextsAsync(
        StorePlan plan,
        string? name,
        IReadOnlyList<VectorSelector> selectors,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var key = TextCache.KeyOf(name, selectors, plan.Blocks);
        if (key is not null && texts.Find(key) is { } known)
        {
            BlockAccess.Warn(plan, warnings);
            return known;
        }
        var asked = selectors.Select(selector => selector.Matchers).DefaultIfEmpty([]).ToList();
        var found = await blocks.ReadAsync(plan, ReadAsync, warnings, cancellationToken);
        var sorted = new SortedTexts(found.SelectMany(one => one));
        if (key is not null && found.Count == plan.Blocks.Count)
        {
            texts.Add(key, sorted);
        }
        return sorted;

        async Task<List<string>> ReadAsync(BlockRow row, BlockReader block, CancellationToken stop)
        {
            var ofBlock = new List<string>();
            foreach (var matchers in asked)
            {
                ofBlock.AddRange(
                    name is null
                        ? await block.LabelNamesAsync(matchers, stop)
                        : await block.LabelValuesAsync(name, matchers, stop)
                );
            }
            return ofBlock;
        }
    }

    private static SeriesDeletes DeletesOf(StorePlan plan, BlockRow row) => SeriesDeletes.Of(plan.DeletesOf(row.Block));

    private static async Task<List<SelectedSeries>> ReadSamplesAsync(
        BlockReader block,
        SeriesDeletes deletes,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        SampleBudget budget,
        CancellationToken cancellationToken
    )
    {
        var result = new List<SelectedSeries>();
        var known = new HashSet<LabelSet>();
        var batch = new List<BlockSeries>();
        var places = new List<ChunkPlace>();
        foreach (var selector in selectors)
        {
            await foreach (var series in block.SelectAsync(selector.Matchers, range, cancellationToken))
            {
                if (selectors.Count > 1 && !known.Add(series.Labels))
                {
                    continue;
                }
                batch.Add(DeletedRanges.Join(series, deletes));
                places.AddRange(series.Chunks);
                if (batch.Count >= SeriesPerBatch || places.Count >= ChunksPerBatch)
                {
                    await DecodeAsync();
                }
            }
        }
        await DecodeAsync();
        return result;

        async Task DecodeAsync()
        {
            var loaded = await block.Chunks.LoadAsync(places, cancellationToken);
            foreach (var series in batch)
            {
                var decoded = BlockReader.Decode(series, loaded, range);
                budget.Take(decoded);
                result.Add(decoded);
            }
            batch.Clear();
            places.Clear();
        }
    }

    private static async Task<List<LabelSet>> ReadLabelsAsync(
        BlockReader block,
        SeriesDeletes deletes,
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var result = new List<LabelSet>();
        foreach (var selector in selectors)
        {
            var count = 0;
            await foreach (var found in block.SelectAsync(selector.Matchers, range, cancellationToken))
            {
                var series = DeletedRanges.Join(found, deletes);
                if (
                    series.Deleted.Count > 0
                    && series.Chunks.All(chunk =>
                        DeletedRanges.Cover(series.Deleted, new TimeRange(chunk.MinMs, chunk.MaxMs))
                    )
                )
                {
                    continue;
                }
                result.Add(series.Labels);
                // In the order of their labels: the first of all are among the first of each block. One more tells that
                // there are more.
                if (limit > 0 && block.IsOrdered && ++count > limit)
                {
                    break;
                }
            }
        }
        return result;
    }
}
