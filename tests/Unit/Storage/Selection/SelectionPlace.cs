using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Storage.Selection;

/// <summary>A store that is written through the log, with all that was written.</summary>
internal sealed class SelectionPlace
{
    public static readonly TimeRange Always = new(long.MinValue / 2, long.MaxValue / 2);
    public static readonly VectorSelector Everything = SelectorParser.Parse("{__name__=~\".+\"}");

    public CompactionPlace Store { get; } = new();

    public Dictionary<(LabelSet Series, long TimestampMs), double> Written { get; } = [];

    public static CancellationToken Token => CompactionPlace.Token;

    /// <summary>The window some before (or behind) the present one.</summary>
    public static Window WindowAt(int offset) => new(Window.Of(LogBatches.NoonMs).StartMs + (offset * Window.LengthMs));

    public StoreReader Reader(RecentLog? recent = null, IBlobStore? blobs = null, long maxSamples = 1_000_000) =>
        new(
            blobs ?? Store.Manifest.Blobs,
            Store.Manifest.Tables,
            recent,
            new StoreReaderOptions { CacheBytes = 1 << 22, MaxSamples = maxSamples },
            Store.Manifest.Time,
            Store.Manifest.NewUlid
        );

    /// <summary>The head of a process that has read the log.</summary>
    public async Task<RecentLog> HeadAsync(bool withHistory = true)
    {
        var log = new RecentLog(Store.Manifest.Blobs, new SeriesTable(), null, Store.Manifest.Time);
        await log.LoadAsync(null, Token);
        if (withHistory)
        {
            log.LoadHistory();
        }
        return log;
    }

    /// <summary>Fills a window by two writers, with series that come and go.</summary>
    public async Task FillAsync(Random random, Window window)
    {
        foreach (var source in new[] { "a", "b" })
        {
            var writer = Store.NewWriter();
            for (var tickMs = window.StartMs; tickMs < window.EndMs; tickMs += 600_000)
            {
                var samples = new List<(LabelSet, long, double)>();
                for (var n = 0; n < 12; n++)
                {
                    if (random.Next(3) > 0)
                    {
                        var series = LabelSet.Of("__name__", $"m{n % 4}", "n", $"{n}", "source", source);
                        samples.Add((series, tickMs + n, random.Next(20) == 0 ? StaleMarker.Value : random.Next(99)));
                    }
                }
                await AppendAsync(writer, source, tickMs, [.. samples]);
            }
        }
    }

    public async Task AppendAsync(
        LogWriter writer,
        string source,
        long tickMs,
        params (LabelSet Series, long TimestampMs, double Value)[] samples
    )
    {
        foreach (var (series, timestampMs, value) in samples)
        {
            Written[(series, timestampMs)] = value;
        }
        await writer.AppendAsync(
            [LogBatches.Of(source, tickMs, LogBatches.Columns(samples), LogBatches.Columns())],
            Token
        );
    }

    public Task<LogFileName[]> LogFilesAsync() => LogFilesAsync(Store.Manifest.Blobs);

    /// <summary>What was written, of a range and selector, as a reader should see it.</summary>
    public List<SelectedSeries> Expected(VectorSelector selector, TimeRange range) =>
        [
            .. Written
                .Where(sample => range.Contains(sample.Key.TimestampMs) && selector.Matches(sample.Key.Series))
                .GroupBy(sample => sample.Key.Series)
                .Select(group => new SelectedSeries(
                    group.Key,
                    [.. group.OrderBy(s => s.Key.TimestampMs).Select(s => new Sample(s.Key.TimestampMs, s.Value))]
                ))
                .OrderBy(series => series.Labels),
        ];

    private static async Task<LogFileName[]> LogFilesAsync(IBlobStore blobs) =>
        [.. (await LogListing.AllAsync(blobs, Token)).Select(file => file.Name)];
}
