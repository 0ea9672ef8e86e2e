using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The series that a scrape writes about itself, with the target's labels.</summary>
internal sealed class ReportSeries
{
    /// <summary>How many are always written; they stand in front of those of <c>extra_scrape_metrics</c>.</summary>
    public const int BasicCount = 5;

    private const string Up = "up";
    private const int SeriesAddedPosition = 4;

    private static readonly string[] Names =
    [
        Up,
        "scrape_duration_seconds",
        "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
        "scrape_timeout_seconds",
        "scrape_sample_limit",
        "scrape_body_size_bytes",
    ];

    private readonly LabelSet targetLabels;

    private ReportSeries(LabelSet labels, SeriesList list)
    {
        targetLabels = labels;
        List = list;
    }

    /// <summary>The series, always in the same order.</summary>
    public SeriesList List { get; }

    /// <summary>The report series of a target.</summary>
    public static ReportSeries Of(Target target, SeriesTable table)
    {
        var labels = target.OwnLabels;
        var sets = Names[..CountFor(target)].Select(name => SeriesOf(name, target, table));
        return new ReportSeries(labels, new SeriesList([.. sets]));
    }

    /// <summary>How many of a batch's added columns, from the first on, are report series; logs may be older than some.</summary>
    public static int CountIn(SampleColumns added)
    {
        var count = 0;
        while (count < Math.Min(Names.Length, added.Count) && IsReport(added, count))
        {
            count++;
        }
        return count;
    }

    /// <summary>How many of a batch's added columns, behind its report series, are <c>up</c> of further replicas.</summary>
    /// <param name="added">The columns.</param>
    /// <param name="from">How many report series there are.</param>
    public static int CountReplicasIn(SampleColumns added, int from)
    {
        var next = from;
        while (
            next < added.Count
            && !added.IsStale(next)
            && string.Equals(added.Series[next].MetricName, Up, StringComparison.Ordinal)
        )
        {
            next++;
        }
        return next - from;
    }

    /// <summary>The series <c>up</c> of a target.</summary>
    public static LabelSet UpOf(Target target, SeriesTable table) => SeriesOf(Up, target, table);

    /// <summary>Whether these are the report series of a target.</summary>
    public bool IsOf(Target target) => List.Count == CountFor(target) && targetLabels.Equals(target.OwnLabels);

    /// <summary>Writes their values.</summary>
    /// <param name="report">What the scrape did.</param>
    /// <param name="target">What was scraped.</param>
    /// <param name="extent">What was read of the body.</param>
    /// <param name="values">Gets a value for each of <see cref="List"/>.</param>
    public void Write(ScrapeReport report, Target target, BodyExtent extent, Span<double> values)
    {
        values[0] = report.Verdict is Verdict.Failed ? 0 : 1;
        values[1] = report.DurationSeconds;
        values[2] = report.Scraped;
        values[3] = report.PostRelabeling;
        values[SeriesAddedPosition] = report.SeriesAdded;
        if (List.Count > BasicCount)
        {
            values[5] = target.Timeout.TotalSeconds;
            values[6] = target.Config.Limits.SampleLimit;
            values[7] = extent switch
            {
                BodyExtent.Read => report.BodyBytes,
                BodyExtent.None => 0,
                _ => -1,
            };
        }
    }

    /// <summary>Columns of which <c>scrape_series_added</c> has another value.</summary>
    public static SampleColumns WithSeriesAdded(SampleColumns added, int count)
    {
        var values = added.Values.ToArray();
        values[SeriesAddedPosition] = count;
        return added with { Values = values };
    }

    private static LabelSet SeriesOf(string name, Target target, SeriesTable table) =>
        table.Intern(
            LabelSet.Of(target.OwnLabels.Labels.ToArray().Append(table.Labels.Intern(LabelSet.MetricNameLabel, name)))
        );

    private static int CountFor(Target target) => target.Config.ExtraScrapeMetrics ? Names.Length : BasicCount;

    /// <summary>The basic ones are always there, at the end of a target as markers; behind them a marker is a series' own.</summary>
    private static bool IsReport(SampleColumns added, int index) =>
        index < BasicCount
        || (
            added.IsStale(index) == added.IsStale(0)
            && string.Equals(added.Series[index].MetricName, Names[index], StringComparison.Ordinal)
        );
}
