using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>What a batch adds to one window. The part in the tick's window carries the report and is appended last.</summary>
/// <param name="Batch">The whole batch.</param>
/// <param name="Window">The window that all samples of the part lie in.</param>
/// <param name="Scraped">The body's samples of this window.</param>
/// <param name="Added">Report series and staleness markers of this window.</param>
internal sealed record BatchPart(Batch Batch, Window Window, SampleColumns Scraped, SampleColumns Added)
{
    /// <summary>Who pays for it.</summary>
    public Payer Payer { get; init; } = Payer.Other;

    /// <summary>Whether this is the part with the report.</summary>
    public bool HasReport => Window == Window.Of(Batch.TickMs);

    /// <summary>The parts of a batch, the one with the report last. A batch inside one window is not copied.</summary>
    public static IReadOnlyList<BatchPart> Split(Batch batch) => Split(batch, Payer.Other);

    /// <inheritdoc cref="Split(Batch)"/>
    public static IReadOnlyList<BatchPart> Split(Batch batch, Payer payer)
    {
        var home = Window.Of(batch.TickMs);
        var windows = new SortedSet<Window>();
        Collect(batch.Scraped, windows);
        Collect(batch.Added, windows);
        windows.Remove(home);
        if (windows.Count == 0)
        {
            return [new BatchPart(batch, home, batch.Scraped, batch.Added) { Payer = payer }];
        }
        return
        [
            .. windows
                .Append(home)
                .Select(window => new BatchPart(batch, window, Only(batch.Scraped, window), Only(batch.Added, window))
                {
                    Payer = payer,
                }),
        ];
    }

    private static void Collect(SampleColumns columns, SortedSet<Window> windows)
    {
        var last = new Window(long.MaxValue - Window.LengthMs);
        foreach (var timestampMs in columns.TimestampsMs.Span)
        {
            if (!last.Contains(timestampMs))
            {
                last = Window.Of(timestampMs);
                windows.Add(last);
            }
        }
    }

    private static SampleColumns Only(SampleColumns columns, Window window)
    {
        var timestamps = columns.TimestampsMs.Span;
        var values = columns.Values.Span;
        var histograms = columns.Histograms.Span;
        var series = new List<LabelSet>();
        var keptTimestamps = new List<long>();
        var keptValues = new List<double>();
        var keptHistograms = new List<Histogram?>();
        for (var i = 0; i < timestamps.Length; i++)
        {
            if (window.Contains(timestamps[i]))
            {
                series.Add(columns.Series[i]);
                keptTimestamps.Add(timestamps[i]);
                keptValues.Add(values[i]);
                if (!histograms.IsEmpty)
                {
                    keptHistograms.Add(histograms[i]);
                }
            }
        }
        return series.Count == columns.Count
            ? columns
            : new SampleColumns(new SeriesList([.. series]), keptTimestamps.ToArray(), keptValues.ToArray())
            {
                Histograms = keptHistograms.ToArray(),
            };
    }
}
