using Tributary.Model;
using Tributary.Rules;
using Tributary.Storage.Head;

namespace Tributary.Jobs;

/// <summary>The end of a group that left the configuration: staleness markers for its series, once, whoever writes them.</summary>
internal static class GroupEnding
{
    /// <summary>So many intervals without a batch: no process evaluates it any more.</summary>
    private const int Intervals = 2;

    private static readonly long LookbackMs = (long)RecentLog.Lookback.TotalMilliseconds;

    /// <summary>Whether a group is over, or the process has forgotten of it all that matters.</summary>
    public static bool IsDue(GroupRun run, long nowMs) =>
        !run.IsConfigured && (run.Last is null || run.Last.Report.IsEnding || nowMs > TickMs(run, run.Last));

    /// <summary>The batch that ends its series; null when they have ended by themselves, or there are none.</summary>
    public static Batch? Of(GroupRun run)
    {
        if (run.Last is not { Report.IsEnding: false } last)
        {
            return null;
        }
        var series = new List<RuleSeries>();
        var columns = last.Scraped;
        for (var i = 0; i < columns.Count; i++)
        {
            if (!columns.IsStale(i))
            {
                series.Add(
                    new RuleSeries(
                        columns.Series[i],
                        !columns.Histograms.IsEmpty && columns.Histograms.Span[i] is not null
                    )
                );
            }
        }
        var tickMs = TickMs(run, last);
        if (series.Count == 0 || tickMs - last.TickMs > LookbackMs)
        {
            return null;
        }
        var results = new GroupResults(columns.TimestampsMs.Span[0] + (tickMs - last.TickMs));
        results.End(series, []);
        var markers = results.Markers();
        return new Batch
        {
            Source = run.Key,
            TickMs = tickMs,
            Report = new ScrapeReport
            {
                Verdict = Verdict.Failed,
                StartedMs = tickMs,
                Markers = markers.Count,
                Error = ScrapeReport.LeftConfiguration,
            },
            Scraped = new SampleColumns(SeriesList.Empty, default, default),
            Added = markers,
        };
    }

    /// <summary>The same time in every process: two intervals behind the last batch.</summary>
    private static long TickMs(GroupRun run, Batch last) =>
        last.TickMs + (Intervals * (run.GapMs > 0 ? run.GapMs : LookbackMs / Intervals));
}
