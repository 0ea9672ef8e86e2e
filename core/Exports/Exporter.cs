using Tributary.Configuration;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Values;
using Tributary.Storage.Selection;

namespace Tributary.Exports;

/// <summary>Makes the output of one run: reads or evaluates, writes, and describes what it wrote.</summary>
/// <param name="store">Where raw samples are.</param>
/// <param name="engine">Evaluates queries.</param>
/// <param name="folder">Where temporary files go.</param>
internal sealed class Exporter(StoreReader store, Func<QueryEngine> engine, string folder)
{
    /// <summary>Whether garbage is given back at once, which stops the process for a moment; not where others wait for answers.</summary>
    public bool SavesMemory { get; init; }

    private const int MaxSeries = 2_000_000;
    private const int MaxWarnings = 20;
    private const int ShowEvery = 256;

    /// <summary>What a run exports: raw samples, or moments of a query and what is between.</summary>
    public static TimeRange RangeOf(ExportConfig config, long timeMs) =>
        new(timeMs - Math.Max((long)config.Range.TotalMilliseconds - 1, 0), timeMs);

    /// <summary>What the manifest of a run says before anything of it is done.</summary>
    public static ExportManifest Describe(ExportConfig config, long timeMs, string output) =>
        new()
        {
            Export = config.Name,
            TimeMs = timeMs,
            Query = config.Query,
            Match = config.Match,
            StartMs = timeMs - (long)config.Range.TotalMilliseconds,
            EndMs = timeMs,
            StepMs = config.Query.Length > 0 && config.Range > TimeSpan.Zero ? (long)config.Step.TotalMilliseconds : 0,
            Format = ExportNames.Of(config.Format),
            Compression = ExportNames.OfCompression(config.IsCompressed),
            Output = output,
        };

    /// <summary>Makes the output, and puts it where it goes; its manifest is the caller's.</summary>
    /// <param name="config">The export.</param>
    /// <param name="timeMs">The scheduled time, milliseconds since the epoch.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="coverage">What is known to be missing.</param>
    /// <param name="check">Is asked before the output becomes visible; throws when it must not.</param>
    /// <param name="progress">Is told how far it is; may be null.</param>
    /// <param name="cancellationToken">Ends it; nothing is to be seen of it then.</param>
    /// <exception cref="ExportException">It cannot be made.</exception>
    /// <exception cref="OutputChangedException">Somebody else changed the output meanwhile.</exception>
    public async Task<ExportManifest> RunAsync(
        ExportConfig config,
        long timeMs,
        ExportTarget target,
        ExportCoverage coverage,
        Func<CancellationToken, Task> check,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var spill = new SampleSpill(folder, MaxSeries);
        var warnings = new SortedSet<string>(StringComparer.Ordinal);
        await CollectAsync(config, timeMs, spill, warnings, progress, cancellationToken);
        var manifest = Describe(config, timeMs, target.Shown) with
        {
            IsComplete = coverage.IsComplete,
            Sources = coverage.Sources,
            Gaps = coverage.Gaps,
            NotListed = coverage.NotListed,
            Series = spill.SeriesCount,
            Warnings = [.. warnings.Take(MaxWarnings)],
        };
        return config.Format is ExportFormat.PrometheusBlocks
            ? await WriteBlockAsync(config, manifest, spill, target, check, progress, cancellationToken)
            : await WriteRowsAsync(config, manifest, spill, target, check, progress, cancellationToken);
    }

    private async Task CollectAsync(
        ExportConfig config,
        long timeMs,
        SampleSpill spill,
        SortedSet<string> warnings,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (config.Query.Length == 0)
        {
            await new RawSamples(store, SavesMemory).CollectAsync(
                config,
                RangeOf(config, timeMs),
                spill,
                warnings,
                progress,
                cancellationToken
            );
            return;
        }
        await new QuerySamples(engine()).CollectAsync(
            config,
            GridOf(config, timeMs),
            spill,
            warnings,
            progress,
            cancellationToken
        );
    }

    /// <summary>The moments of the query: the last one is the scheduled time, and all are later than the range's beginning.</summary>
    internal static StepGrid GridOf(ExportConfig config, long timeMs)
    {
        var (rangeMs, stepMs) = ((long)config.Range.TotalMilliseconds, (long)config.Step.TotalMilliseconds);
        if (rangeMs == 0)
        {
            return StepGrid.Instant(timeMs);
        }
        var count = (int)((rangeMs + stepMs - 1) / stepMs);
        return new StepGrid(timeMs - ((count - 1) * stepMs), stepMs, count);
    }

    private static async Task<ExportManifest> WriteRowsAsync(
        ExportConfig config,
        ExportManifest manifest,
        SampleSpill spill,
        ExportTarget target,
        Func<CancellationToken, Task> check,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var rows = RowWriter.Of(config);
        await using var sink = target.Open();
        using var pipe = new ExportPipe(sink, config.IsCompressed);
        var all = spill.Sorted(rows.Compare);
        var buffer = new SampleBuffer();
        rows.Begin(all, pipe.Text);
        var (samples, shown) = (0L, 0);
        foreach (var series in all)
        {
            rows.BeginSeries(series.Labels, pipe.Text);
            for (var piece = series.First; piece >= 0; )
            {
                piece = spill.Read(piece, buffer);
                rows.Write(buffer, pipe.Text);
                samples += buffer.Count;
                if (pipe.WantsFlush)
                {
                    await pipe.FlushAsync(cancellationToken);
                }
                if (shown++ % ShowEvery == 0)
                {
                    progress?.Invoke(new ExportProgress(ExportPhase.Writing, samples, spill.Samples, spill.Samples));
                }
            }
        }
        rows.End(pipe.Text);
        var sha256 = await pipe.FinishAsync(cancellationToken);
        await check(cancellationToken);
        progress?.Invoke(new ExportProgress(ExportPhase.Sending, pipe.Bytes, pipe.Bytes, spill.Samples));
        await sink.CommitAsync(sha256, cancellationToken);
        return manifest with
        {
            Rows = rows.Rows,
            LeftOut = rows.LeftOut,
            Bytes = pipe.Bytes,
            Sha256 = Convert.ToHexStringLower(sha256),
        };
    }

    private async Task<ExportManifest> WriteBlockAsync(
        ExportConfig config,
        ExportManifest manifest,
        SampleSpill spill,
        ExportTarget target,
        Func<CancellationToken, Task> check,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var block = await BlockFolder.WriteAsync(
            spill,
            RowWriter.MetricNameOf(config.Name),
            manifest.TimeMs,
            folder,
            done => progress?.Invoke(new ExportProgress(ExportPhase.Writing, done, spill.Samples, spill.Samples)),
            cancellationToken
        );
        await check(cancellationToken);
        progress?.Invoke(new ExportProgress(ExportPhase.Sending, block?.Bytes ?? 0, block?.Bytes ?? 0, spill.Samples));
        var (bytes, sha256) = await target.SendAsync(block, cancellationToken);
        return manifest with
        {
            Rows = spill.Samples,
            Bytes = bytes,
            Sha256 = sha256,
            Files = config.Destination.Kind is ExportDestinationKind.Web ? [] : block?.Files ?? [],
        };
    }
}
