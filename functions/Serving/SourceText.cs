using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary source</c> prints.</summary>
internal static class SourceText
{
    private const int NameWidth = 12;
    private const double MsPerSecond = 1000;

    private static readonly string[] Titles = ["JOB", "INSTANCE", "URL", "PULL", "SPLIT", "REPLICAS", "KEY"];

    /// <summary>A line per source, under a line of titles.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<IReadOnlyList<Target>> sources)
    {
        List<string[]> rows = [Titles, .. sources.Select(Row)];
        var widths = Enumerable.Range(0, Titles.Length - 1).Select(i => rows.Max(row => row[i].Length)).ToList();
        foreach (var row in rows)
        {
            yield return string.Concat(widths.Select((width, i) => row[i].PadRight(width + 2))) + row[^1];
        }
        yield return sources.Count == 1 ? "1 source" : Text($"{sources.Count} sources");
    }

    /// <summary>What one collect brought.</summary>
    /// <param name="source">The source.</param>
    /// <param name="collected">What was collected.</param>
    /// <param name="nowMs">The time, milliseconds since the epoch.</param>
    public static IEnumerable<string> Trial(IReadOnlyList<Target> source, Collected collected, long nowMs)
    {
        var target = source[0];
        var (batch, report) = (collected.Batch, collected.Batch.Report);
        yield return Line("source", target.Source);
        foreach (var one in source)
        {
            yield return Line("url", UrlOf(one));
        }
        yield return Line(
            "verdict",
            report.Verdict.ToString().ToLowerInvariant() + (report.Error.Length == 0 ? "" : $": {report.Error}")
        );
        yield return Line("series", Series(batch));
        yield return Line("bytes", Text($"{report.BodyBytes}"));
        yield return Line(
            "duration",
            Text($"{report.DurationSeconds:0.000} s of {target.Timeout.TotalSeconds:0.###} s")
        );
        yield return Line("ages", Ages(batch.Scraped.TimestampsMs.Span, nowMs));
        foreach (var labels in Samples(batch.Scraped.Series))
        {
            yield return Line("labels", labels.ToString());
        }
        if (target.IsFederate)
        {
            yield return Line("metadata", Metadata(collected));
        }
    }

    /// <summary>How the source is split, and pulled.</summary>
    /// <param name="split">The split; several lines, of which the further ones are indented.</param>
    /// <param name="pull">The way that works.</param>
    public static IEnumerable<string> Ways(string split, string pull) =>
        [
            Line("split", split.Replace("\n", "\n" + new string(' ', NameWidth), StringComparison.Ordinal)),
            Line("pull", pull),
        ];

    /// <summary>An address without parameters and credentials.</summary>
    private static string UrlOf(Target target) =>
        CredentialText.Hide(
            target.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        );

    private static string[] Row(IReadOnlyList<Target> source)
    {
        var target = source[0];
        var config = target.Config.Source;
        return
        [
            target.Job,
            target.Labels.Get("instance") ?? "",
            UrlOf(target),
            target.IsFederate ? NameOf(config.Pull) : "-",
            target.IsFederate ? config.Split.ToString().ToLowerInvariant() : "-",
            source.Count == 1 ? "-"
            : config.Failover ? Text($"{source.Count}, in their order")
            : Text($"{source.Count}"),
            target.Source,
        ];
    }

    private static string NameOf(PullMode mode) =>
        mode is PullMode.RemoteRead ? "remote_read" : mode.ToString().ToLowerInvariant();

    private static string Series(Batch batch)
    {
        var report = batch.Report;
        var dropped = report.Scraped - report.PostRelabeling;
        return Text($"{batch.Scraped.Series.Span.ToArray().Distinct().Count()}")
            + (dropped > 0 ? Text($", {dropped} more dropped by metric_relabel_configs") : "")
            + (report.OutOfBounds > 0 ? Text($", {report.OutOfBounds} samples too old or too far ahead") : "")
            + (report.Duplicates > 0 ? Text($", {report.Duplicates} samples double") : "");
    }

    /// <summary>How old samples are: a federated one is as old as the source's own scrape.</summary>
    private static string Ages(ReadOnlySpan<long> timestampsMs, long nowMs)
    {
        if (timestampsMs.IsEmpty)
        {
            return "no sample";
        }
        var sorted = timestampsMs.ToArray();
        Array.Sort(sorted);
        return Text($"newest {Age(sorted[^1])} s, median {Age(sorted[sorted.Length / 2])} s, ")
            + Text($"oldest {Age(sorted[0])} s");

        string Age(long timestampMs) =>
            ((nowMs - timestampMs) / MsPerSecond).ToString("0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>Three series from all over the body.</summary>
    private static IEnumerable<LabelSet> Samples(SeriesList series) =>
        series.Count == 0
            ? []
            : new[] { 0, series.Count / 2, series.Count - 1 }.Distinct().Select(i => series[i]).Distinct();

    private static string Metadata(Collected collected)
    {
        var known = collected.Batch.Metadata.Count(item => item.Type is not "unknown");
        return collected.Memory.MetadataError.Length > 0 ? $"none: {collected.Memory.MetadataError}"
            : collected.Memory.MetadataMs == 0 ? "not asked"
            : Text($"types of {known} families");
    }

    private static string Line(string name, string text) => name.PadRight(NameWidth) + text;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
