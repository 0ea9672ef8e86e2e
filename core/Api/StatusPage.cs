using System.Globalization;
using System.Net;
using System.Text;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>The page at <c>/</c>: how every target does, in plain HTML without scripts.</summary>
public static class StatusPage
{
    private const int MaxTargets = 500;

    private const string Style = """
        :root{color-scheme:light dark}
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid #8884;vertical-align:top}
        td.n,th.n{text-align:right}
        code,pre{font:13px/1.5 ui-monospace,monospace;background:#8882;padding:.1rem .3rem;border-radius:3px}
        pre{padding:.6rem .8rem;overflow:auto}
        .complete{color:light-dark(#176d2c,#6fd08c)}
        .suspect,.partial,.waiting{color:light-dark(#8a5a00,#e6b450)}
        .failed{color:light-dark(#b3261e,#ff8a80)}
        """;

    /// <summary>The whole page.</summary>
    /// <param name="input">What the page shows.</param>
    public static string Render(StatusPageInput input)
    {
        var page = new StringBuilder(4096);
        page.Append(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="refresh" content="5">
            {Base(input.BasePath)}<title>Tributary</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>Tributary</h1>
            <p>{Summary(input.Targets)}
            <a href="metrics">Own metrics</a> · <a href="federate?match[]=up">Federate <code>up</code></a> ·
            <a href="api/v1/targets">Targets as JSON</a></p>

            """
        );
        StatusPageSections.AppendRefusal(page, input);
        StatusPageSections.AppendProblems(page, input.Problems);
        AppendTargets(page, input);
        StatusPageSections.AppendPools(page, input.Pools);
        StatusPageSections.AppendConfiguration(page, input);
        if (input.IsBuiltInConfiguration)
        {
            AppendNextSteps(page);
        }
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p>Version {Encode(input.Version)} · configuration {Encode(input.Configuration)} · "
        );
        page.Append(CultureInfo.InvariantCulture, $"storage {Encode(input.Storage)}</p>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static string Base(string? path) => path is null ? "" : $"<base href=\"{Encode(path)}\">\n";

    private static string Summary(IReadOnlyList<TargetStatus> targets)
    {
        var up = targets.Count(target => string.Equals(target.Health, "up", StringComparison.Ordinal));
        var down = targets.Count(IsDown);
        var more = down == 0 ? "" : $" <strong class=\"failed\">{down:N0} down.</strong>";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{up} of {targets.Count} {(targets.Count == 1 ? "target" : "targets")} up.{more}"
        );
    }

    private static bool IsDown(TargetStatus target) => string.Equals(target.Health, "down", StringComparison.Ordinal);

    private static void AppendTargets(StringBuilder page, StatusPageInput input)
    {
        page.Append("<table>\n<tr><th>Job</th><th>Target</th><th>Last scrape</th><th class=\"n\">Newest sample</th>");
        page.Append("<th class=\"n\">Series</th><th class=\"n\">Duration</th><th>Last error</th></tr>\n");
        // Of more than a page holds, those that are down come first.
        var shown =
            input.Targets.Count <= MaxTargets
                ? input.Targets
                : input.Targets.OrderByDescending(IsDown).Take(MaxTargets);
        foreach (var target in shown)
        {
            var verdict = NameOf(target.Report?.Verdict);
            var duration = target.Report is { } report ? Seconds(report.DurationSeconds) : "–";
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(target.ScrapePool)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td><code>{Encode(target.ScrapeUrl)}</code></td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"{verdict}\">{verdict}</td>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"n\">{Age(target.NewestSampleMs, input.NowMs)}</td>"
            );
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{target.Series:N0}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{duration}</td>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<td>{Encode(Trouble(target.Report) is { Length: > 0 } trouble ? trouble : target.Note)}</td></tr>\n"
            );
        }
        page.Append("</table>\n");
        StatusPageSections.AppendRest(page, input.Targets.Count, MaxTargets, "targets");
    }

    /// <summary>What went wrong with the last scrape, or before it.</summary>
    private static string Trouble(ScrapeReport? report) =>
        string.Join(
            "; ",
            ((string?[])[report?.Error, report?.Missed?.ToString()]).Where(text => text is { Length: > 0 })
        );

    private static void AppendNextSteps(StringBuilder page) =>
        page.Append(
            """
            <h2>What next</h2>
            <p>There is no configuration yet, so Tributary watches only itself. To federate a Prometheus on this machine,
            write this to <code>tributary.yml</code> in the folder where Tributary was started, and start it again:</p>
            <pre>scrape_configs:
              - job_name: federate
                honor_labels: true
                metrics_path: /federate
                params:
                  "match[]": ['{__name__=~".+"}']
                static_configs:
                  - targets: ["localhost:9090"]
            </pre>

            """
        );

    private static string NameOf(Verdict? verdict) =>
        verdict switch
        {
            null => "waiting",
            Verdict.Complete => "complete",
            Verdict.Suspect => "suspect",
            Verdict.Partial => "partial",
            _ => "failed",
        };

    internal static string Age(long? timestampMs, long nowMs) =>
        timestampMs is { } ms ? Seconds(Math.Max(0, nowMs - ms) / 1000.0) : "–";

    internal static string Seconds(double seconds) =>
        seconds switch
        {
            < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms"),
            < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
            < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        };

    internal static string Encode(string text) => WebUtility.HtmlEncode(text);
}
