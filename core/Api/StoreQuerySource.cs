using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;
using Buffer = Tributary.PromQL.Sources.SampleBuffer;

namespace Tributary.Api;

/// <summary>Queries over the store: blocks, log and head.</summary>
internal sealed class StoreQuerySource(
    Func<ChunkQuery, SelectionLimits, CancellationToken, Task<ChunkSelection>> select
) : QuerySource
{
    /// <summary>A sample takes a byte at the least.</summary>
    private const int LeastBytesPerSample = 1;

    /// <summary>What a series takes besides its chunks.</summary>
    private const int BytesPerSeries = 200;

    /// <inheritdoc/>
    public override async Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        var selectionLimits = new SelectionLimits
        {
            MaxChunkBytes = limits.MaxBytes,
            MaxLogSamples = limits.MaxSamples,
        };
        ChunkSelection found;
        try
        {
            found = await select(new ChunkQuery(matchers, range), selectionLimits, cancellationToken);
        }
        catch (SelectionLimitException exception)
        {
            throw new QueryException(QueryFailure.Execution, exception.Message, exception);
        }
        var series = new SourceSeries[found.Series.Length];
        long bytes = 0;
        for (var i = 0; i < series.Length; i++)
        {
            series[i] = new StoredSeries(found.Series[i]);
            bytes += BytesPerSeries;
            foreach (var chunk in found.Series[i].Chunks)
            {
                bytes += chunk.Data.Bytes.Length + LeastBytesPerSample;
            }
        }
        return new SourceSelection(series, found.Warnings, bytes);
    }

    private sealed class StoredSeries(SelectedChunks chunks)
        : SourceSeries(chunks.Labels, (int)Math.Min(chunks.EstimatedSamples, int.MaxValue))
    {
        [ThreadStatic]
        private static Storage.Selection.SampleBuffer? scratch;

        public override void Decode(TimeRange range, Buffer buffer)
        {
            var decoded = scratch ??= new Storage.Selection.SampleBuffer();
            chunks.Decode(decoded, range);
            if (!decoded.HasHistograms)
            {
                var (times, values) = buffer.Reserve(decoded.Count);
                decoded.TimesMs.CopyTo(times.Span);
                decoded.Values.CopyTo(values.Span);
                buffer.Commit(decoded.Count);
                return;
            }
            for (var i = 0; i < decoded.Count; i++)
            {
                if (decoded.Histograms[i] is { } histogram)
                {
                    buffer.Add(decoded.TimesMs[i], histogram);
                }
                else
                {
                    buffer.Add(decoded.TimesMs[i], decoded.Values[i]);
                }
            }
        }
    }
}
