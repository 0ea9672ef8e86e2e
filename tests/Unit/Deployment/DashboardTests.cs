using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.Alerting;
using Tributary.Api;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>
/// The dashboard asks only for what there is: our own metrics, what the stack's configuration takes of the clusters, and
/// what its rules make. An end-to-end test asks all of it.
/// </summary>
public sealed partial class DashboardTests
{
    private const string File = DeploymentFiles.Local + "/grafana/dashboards/tributary.json";
    private const string ConfigFile = DeploymentFiles.Local + "/tributary/tributary.yml";
    private const string RuleFile = DeploymentFiles.Local + "/tributary/rules/stack.yml";

    /// <summary>What a scrape and the rules have by themselves.</summary>
    private static readonly string[] Synthetic = ["up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS"];

    /// <summary>What a Prometheus says of itself: those of its metrics that the stack collects.</summary>
    private static readonly string[] OfPrometheus =
    [
        "prometheus_build_info",
        "prometheus_http_requests_total",
        "prometheus_tsdb_head_series",
        "process_resident_memory_bytes",
    ];

    [Fact]
    public void Dashboard_AsksOnlyForWhatThereIs()
    {
        Assert.Empty(Check(DeploymentFiles.Repository));
    }

    [Theory]
    [InlineData("tributary_log_samples_total", "tributary_log_sample_total", "no metric 'tributary_log_sample_total'")]
    [InlineData("prometheus_tsdb_head_series", "prometheus_tsdb_series", "no metric 'prometheus_tsdb_series'")]
    [InlineData(
        "cluster:http_requests:rate5m",
        "cluster:http_requests:rate1m",
        "no metric 'cluster:http_requests:rate1m'"
    )]
    [InlineData("sum(tributary_head_series)", "sum(tributary_head_series", "'Series in memory'")]
    [InlineData("source=~\\\"$source\\\"", "source=~\\\"$sources\\\"", "no variable sources")]
    [InlineData("label_values(up, cluster)", "label_values(upp, cluster)", "no metric 'upp'")]
    [InlineData("\"id\": 3,", "\"id\": 2,", "another panel's")]
    [InlineData("\"x\": 6,", "\"x\": 5,", "stands where another panel is")]
    public void Mistake_IsFound(string old, string fresh, string problem)
    {
        var found = Check(DeploymentFiles.Repository.With(File, old, fresh));
        Assert.Contains(found, one => one!.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void MetricThatIsNotCollected_IsFound()
    {
        var found = Check(DeploymentFiles.Repository.With(ConfigFile, "|tsdb_head_series", ""));
        Assert.Contains(found, one => one!.Contains("'prometheus_tsdb_head_series'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tributary_scrapes_total", "tributary_scrape_total")]
    [InlineData("rate(prometheus_http_requests_total", "rate(http_requests_total")]
    public void RuleOverWhatThereIsNot_IsFound(string old, string fresh)
    {
        Assert.NotEmpty(Check(DeploymentFiles.Repository.With(RuleFile, old, fresh)));
    }

    private static IReadOnlyList<string?> Check(DeploymentFiles files)
    {
        var metrics = Metrics(files);
        return
        [
            .. DashboardFile.Check(files.Read(File), File, metrics),
            .. Rules(files).SelectMany(rule => DashboardFile.UnknownMetrics(rule.Expression, metrics)),
        ];
    }

    private static IEnumerable<RuleConfig> Rules(DeploymentFiles files) =>
        RuleFileReader.Read(files.Read(RuleFile), RuleFile, new RuleFileOptions()).SelectMany(group => group.Rules);

    private static HashSet<string> Metrics(DeploymentFiles files)
    {
        var selectors = files
            .Yaml(ConfigFile, [])
            .At("scrape_configs")
            .Items()
            .SelectMany(job => job.At("params", "match[]").Texts())
            .Select(SelectorParser.Parse)
            .ToList();
        var collected = OfPrometheus.Where(name =>
            selectors.Exists(selector => selector.Matches(LabelSet.Of("__name__", name)))
        );
        var recorded = Rules(files).Select(rule => rule.Record ?? "");
        return [.. Synthetic, .. collected, .. recorded, .. OwnNames()];
    }

    /// <summary>The families of our own <c>/metrics</c>, with something in each.</summary>
    private static IEnumerable<string> OwnNames()
    {
        var output = new ArrayBufferWriter<byte>();
        OwnMetrics.Write(
            output,
            new OwnMetricsInput
            {
                Version = "1",
                Process = ProcessFigures.Read(0),
                Config = new ConfigStatus(),
                Sources = [new SourceTotals("s", [1, 2, 3, 4], 1, 1, 1, 1, [1, 1, 1])],
                Rules = [new RuleGroupStatus(new RuleGroupConfig("f", "g"))],
                Alertmanagers = [new AlertmanagerFigures("u", 1, 1, 1, 1, 1, 1)],
                Operations = new StoreOperations(),
            }
        );
        return TypeLine().Matches(Encoding.UTF8.GetString(output.WrittenSpan)).Select(match => match.Groups[1].Value);
    }

    [GeneratedRegex(@"(?m)^# TYPE (\S+) ", RegexOptions.NonBacktracking)]
    private static partial Regex TypeLine();
}
