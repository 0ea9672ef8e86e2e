using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The series that a scrape writes about itself, with the target's labels.</summary>
internal sealed class ReportSeries
{
    private static readonly string[] Names =
    [
        "up",
        "scrape_duration_seconds",
        "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
    ];

    private ReportSeries(LabelSet labels, SeriesList list)
    {
        TargetLabels = labels;
        List = list;
    }

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    /// <summary>The labels of the target.</summary>
    public LabelSet TargetLabels { get; }

    /// <summary>The series, always in the same order.</summary>
    public SeriesList List { get; }

    /// <summary>The report series of a target.</summary>
    public static ReportSeries Of(LabelSet target, SeriesTable table)
    {
        var sets = Names.Select(name =>
            table.Intern(
                LabelSet.Of(target.Labels.ToArray().Append(table.Labels.Intern(LabelSet.MetricNameLabel, name)))
            )
        );
        return new ReportSeries(target, new SeriesList([.. sets]));
    }

    /// <summary>Writes their values.</summary>
    public static void Write(ScrapeReport report, Span<double> values)
    {
        values[0] = report.Verdict is Verdict.Failed ? 0 : 1;
        values[1] = report.DurationSeconds;
        values[2] = report.Scraped;
        values[3] = report.PostRelabeling;
        values[4] = report.SeriesAdded;
    }
}
