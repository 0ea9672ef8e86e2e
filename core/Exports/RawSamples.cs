using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.Compaction;
using Tributary.Storage.Selection;

namespace Tributary.Exports;

/// <summary>Collects raw samples from blocks, log and head, one step of time after the other.</summary>
/// <param name="store">Where they are.</param>
/// <param name="savesMemory">Whether garbage is given back at once, which stops the process for a moment.</param>
internal sealed class RawSamples(StoreReader store, bool savesMemory)
{
    /// <summary>Samples after which garbage is given back.</summary>
    private const long SamplesToGiveBack = 500_000;

    /// <summary>Compressed samples that one step holds in memory, at the most.</summary>
    private const long MaxChunkBytes = 48L * 1024 * 1024;

    /// <summary>Samples of the log outside of blocks and head that one step holds in memory, at the most.</summary>
    private const long MaxLogSamples = 750_000;

    /// <summary>Places that turn out to be damaged are left out, so many at the most.</summary>
    private const int MaxDamagedPlaces = 16;

    /// <summary>A step that is still too large is too large.</summary>
    private const long LeastStepMs = 60 * 1000;

    /// <summary>Steps begin and end with the windows of the store, of which no chunk crosses an end.</summary>
    private const long StepMs = Window.LengthMs;

    private static readonly SelectionLimits Limits = new()
    {
        MaxChunkBytes = MaxChunkBytes,
        MaxLogSamples = MaxLogSamples,
    };

    /// <summary>Reads the samples of a range.</summary>
    /// <param name="config">The selectors.</param>
    /// <param name="range">The time, both ends included.</param>
    /// <param name="spill">Gets the samples.</param>
    /// <param name="warnings">Gets what is left out although it should be there.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ExportException">There are too many.</exception>
    public async Task CollectAsync(
        ExportConfig config,
        TimeRange range,
        SampleSpill spill,
        ISet<string> warnings,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var step = 0;
        var longestMs = StepMs;
        var givenBack = 0L;
        for (var fromMs = range.MinMs; fromMs <= range.MaxMs; step++)
        {
            progress?.Invoke(
                new ExportProgress(
                    ExportPhase.Reading,
                    fromMs - range.MinMs,
                    range.MaxMs - range.MinMs + 1,
                    spill.Samples
                )
            );
            var end = Math.Min(Window.Of(fromMs).EndMs, fromMs + longestMs);
            var piece = new TimeRange(fromMs, Math.Min(end - 1, range.MaxMs));
            try
            {
                foreach (var selector in config.Selectors)
                {
                    await CollectAsync(
                        new ChunkQuery(selector.Matchers, piece),
                        step,
                        spill,
                        warnings,
                        cancellationToken
                    );
                }
            }
            catch (SelectionLimitException problem)
            {
                longestMs = Math.Min(longestMs, piece.MaxMs - piece.MinMs + 1) / 2;
                if (longestMs < LeastStepMs)
                {
                    throw new ExportException(problem.Message, problem);
                }
                // What the step has read already would come again.
                spill.Forget(step);
                GiveBack();
                continue;
            }
            fromMs = piece.MaxMs + 1;
            if (spill.Samples - givenBack >= SamplesToGiveBack)
            {
                givenBack = spill.Samples;
                GiveBack();
            }
        }

        void GiveBack()
        {
            if (savesMemory)
            {
                Garbage.GiveBack(Garbage.ManySeries);
            }
        }
    }

    private async Task CollectAsync(
        ChunkQuery query,
        int step,
        SampleSpill spill,
        ISet<string> warnings,
        CancellationToken cancellationToken
    )
    {
        var buffer = new SampleBuffer();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var selection = await store.SelectChunksAsync(query.Matchers, query.Range, Limits, cancellationToken);
                foreach (var series in selection.Series)
                {
                    if (!spill.Has(series.Labels, step))
                    {
                        series.Decode(buffer);
                        spill.Add(series.Labels, step, buffer);
                    }
                }
                warnings.UnionWith(selection.Warnings);
                return;
            }
            catch (CorruptDataException damage)
            {
                if (attempt > MaxDamagedPlaces || !await store.QuarantineAsync(damage, cancellationToken))
                {
                    throw new ExportException($"samples cannot be decoded: {damage.Message}", damage);
                }
            }
        }
    }
}
