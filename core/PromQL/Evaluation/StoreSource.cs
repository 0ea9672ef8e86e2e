using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using SampleBuffer = Tributary.PromQL.Sources.SampleBuffer;

namespace Tributary.PromQL.Evaluation;

/// <summary>Blocks, log and head as the source of queries: chunks are read first and decoded where they are needed.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="completeness">Says what is missing in what was collected; null when nobody knows.</param>
internal sealed class StoreSource(StoreReader reader, Completeness? completeness = null) : QuerySource
{
    /// <summary>What a chunk takes beside its bytes.</summary>
    private const long ChunkBytes = 96;

    /// <inheritdoc/>
    public override async Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    ) => (await SelectAsync([new SourceQuery(matchers, range)], limits, cancellationToken))[0];

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<SourceSelection>> SelectAsync(
        IReadOnlyList<SourceQuery> queries,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var found = await reader.SelectChunksAsync(
                [.. queries.Select(query => new ChunkQuery(query.Matchers, query.Range))],
                new SelectionLimits { MaxChunkBytes = limits.MaxBytes },
                cancellationToken
            );
            var selected = Array.ConvertAll(found, Selected);
            if (completeness is not null && selected.Length > 0)
            {
                // Of all of them together: a source is named once.
                var missing = completeness.Warnings([.. queries.Select(query => (query.Matchers, query.Range))]);
                selected[0] = selected[0] with { Warnings = [.. selected[0].Warnings, .. missing] };
            }
            return selected;
        }
        catch (SelectionLimitException e)
        {
            throw new QueryException(QueryFailure.Execution, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override Task<bool> LeaveOutAsync(CorruptDataException damage, CancellationToken cancellationToken) =>
        reader.QuarantineAsync(damage, cancellationToken);

    private static SourceSelection Selected(ChunkSelection selection)
    {
        var series = new SourceSeries[selection.Series.Length];
        long bytes = 0;
        for (var i = 0; i < series.Length; i++)
        {
            series[i] = new StoredSeries(selection.Series[i]);
            foreach (var chunk in selection.Series[i].Chunks)
            {
                bytes += ChunkBytes + chunk.Data.Bytes.Length;
            }
        }
        return new SourceSelection(series, selection.Warnings, bytes);
    }

    private sealed class StoredSeries(SelectedChunks chunks)
        : SourceSeries(chunks.Labels, (int)Math.Min(int.MaxValue, chunks.EstimatedSamples))
    {
        public override void Decode(TimeRange range, SampleBuffer buffer) => chunks.Decode(buffer.Decoded, range);
    }
}
