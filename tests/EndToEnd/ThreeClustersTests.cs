using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// The example that the README goes through, from its own files: three clusters, a rule over all of them, an alert, an
/// export, and a canary analysis that compares two of them.
/// </summary>
public sealed partial class ThreeClustersTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Export = "daily-errors";
    private const string Ratio = "cluster:http_errors:ratio";
    private const string RuleFile = "rules/clusters.yml";
    private const string AlertsPath = "api/v2/alerts";
    private const int CanarySeconds = 4;
    private const int Incomplete = 3;
    private static readonly TimeSpan ScrapeSlack = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Example { get; } = Path.Combine(Repository.Root, "infra", "examples", "three-clusters");

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Example_IsAggregatedAlertedComparedAndExported(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRIBUTARY_EVALUATE_SCHEDULE"] = "00:00:00.5",
        };
        await using var dev = await ClusterSource.StartAsync(0.2);
        await using var staging = await ClusterSource.StartAsync(0.01);
        await using var production = await ClusterSource.StartAsync(0.1);
        await using var alertmanager = await DemandingServer.StartAsync();
        var sent = ReceiveAlerts(alertmanager);
        await installation.PutConfigAsync(Read(RuleFile, ("for: 1m", "for: 2s")), RuleFile);
        var config = await installation.PutConfigAsync(
            Read(
                "tributary.yml",
                ("localhost:9191", dev.Authority),
                ("localhost:9192", staging.Authority),
                ("localhost:9193", production.Authority),
                ("localhost:9093", alertmanager.Authority),
                ("scrape_interval: 15s", "scrape_interval: 1s"),
                ("evaluation_interval: 15s", "evaluation_interval: 1s")
            )
        );
        await using var server = await installation.StartOnAsync(config);

        await AssertRatiosAsync(server);
        var start = await AssertCanaryAsync(server);
        await AssertAlertAsync(server, sent);
        await AssertExportAsync(installation, config, start.AddSeconds(CanarySeconds));
    }

    [Fact]
    public async Task Example_PassesItsOwnChecksAndTests()
    {
        await AssertEndsAsync("tributary.yml: valid", "check", "config", "tributary.yml");
        await AssertEndsAsync($"{RuleFile}: valid", "check", "rules", RuleFile);
        await AssertEndsAsync("rules.test.yml", "test", "rules", "rules.test.yml");
    }

    [Fact]
    public async Task Readme_ShowsTheExamplesOwnLines()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Token);
        var begin = readme.IndexOf("\n## Three clusters", StringComparison.Ordinal);
        Assert.True(begin >= 0, "the README has no section about three clusters");
        var section = readme[begin..readme.IndexOf("\n## ", begin + 1, StringComparison.Ordinal)];
        var files = new[] { "tributary.yml", RuleFile }.Select(name => Read(name)).ToList();
        var shown = YamlBlock().Matches(section).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, block => Assert.Contains(files, file => file.Contains(block, StringComparison.Ordinal)));
    }

    /// <summary>The rule over all clusters has a series for each.</summary>
    private static async Task AssertRatiosAsync(TributaryInstance server)
    {
        string[] expected = ["{cluster=\"dev\"} 0.2", "{cluster=\"production\"} 0.1", "{cluster=\"staging\"} 0.01"];
        IReadOnlyList<string> found = [];
        await Patience.UntilAsync(
            "the rule over all clusters",
            async () =>
            {
                found = await QueryAnswer.OfServerAsync(
                    server.Http,
                    $"round({Ratio}, 0.0001)",
                    null,
                    DateTimeOffset.UtcNow
                );
                return found.SequenceEqual(expected, StringComparer.Ordinal);
            },
            () => $"{string.Join('\n', found)}\n{server.Log}"
        );
    }

    /// <summary>Staging as control and production as experiment, by the requests that Kayenta sends.</summary>
    /// <returns>When the comparison begins.</returns>
    private static async Task<DateTimeOffset> AssertCanaryAsync(TributaryInstance server)
    {
        using (var health = await server.Http.GetAsync("/-/healthy", Token))
        {
            Assert.True(health.IsSuccessStatusCode, $"{health.StatusCode}");
        }
        var names = await server.Http.GetStringAsync("/api/v1/label/__name__/values", Token);
        Assert.Contains($"\"{Ratio}\"", names, StringComparison.Ordinal);

        var start = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        var rest = start.AddSeconds(CanarySeconds) + ScrapeSlack - DateTimeOffset.UtcNow;
        await Task.Delay(rest, Token);
        var control = await CanaryAsync(server, $"avg({Ratio}{{cluster='staging'}}) by (job)", start);
        var experiment = await CanaryAsync(server, $"avg({Ratio}{{cluster='production'}}) by (job)", start);
        Assert.Equal("{}", control.Metric);
        Assert.Equal(control.Metric, experiment.Metric);
        Assert.Equal(Moments(start), control.Points.Select(point => point.Seconds));
        Assert.Equal(Moments(start), experiment.Points.Select(point => point.Seconds));
        Assert.All(control.Points, point => Assert.Equal(0.01, point.Value, 6));
        Assert.All(experiment.Points, point => Assert.Equal(0.1, point.Value, 6));

        const string Grouped =
            "avg(prometheus_http_requests_total{cluster='dev',instance=~'localhost:.{4}',code='200'}) by (job,code)";
        Assert.Equal("{\"code\":\"200\",\"job\":\"prometheus\"}", (await CanaryAsync(server, Grouped, start)).Metric);
        var nobody = await RangeAsync(server, $"avg({Ratio}{{cluster='prodution'}}) by (job)", start);
        Assert.Contains("\"result\":[]", nobody, StringComparison.Ordinal);
        return start;
    }

    private static IEnumerable<long> Moments(DateTimeOffset start) =>
        Enumerable.Range(0, CanarySeconds + 1).Select(second => start.ToUnixTimeSeconds() + second);

    private static Task<string> RangeAsync(TributaryInstance server, string query, DateTimeOffset start) =>
        server.Http.GetStringAsync(
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={Rfc3339(start)}"
                + $"&end={Rfc3339(start.AddSeconds(CanarySeconds))}&step=1",
            Token
        );

    /// <summary>The only series of an answer, read as Kayenta reads it.</summary>
    private static async Task<(string Metric, IReadOnlyList<(long Seconds, double Value)> Points)> CanaryAsync(
        TributaryInstance server,
        string query,
        DateTimeOffset start
    )
    {
        using var document = JsonDocument.Parse(await RangeAsync(server, query, start));
        var series = Assert.Single(document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray());
        var points = series
            .GetProperty("values")
            .EnumerateArray()
            .Select(pair => (pair[0].GetInt64(), double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture)))
            .ToList();
        return (series.GetProperty("metric").GetRawText(), points);
    }

    private static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Takes what an Alertmanager is sent.</summary>
    private static List<string> ReceiveAlerts(DemandingServer alertmanager)
    {
        var sent = new List<string>();
        alertmanager.Answer(
            AlertsPath,
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
                var body = await reader.ReadToEndAsync(context.RequestAborted);
                lock (sent)
                {
                    sent.Add(body);
                }
                context.Response.StatusCode = StatusCodes.Status200OK;
            }
        );
        return sent;
    }

    /// <summary>One cluster is over the limit for which the alert asks, and the one above it is another's.</summary>
    private static async Task AssertAlertAsync(TributaryInstance server, List<string> sent)
    {
        var body = await Patience.ForAsync(
            "the alert",
            () =>
            {
                lock (sent)
                {
                    return Task.FromResult(sent.FirstOrDefault());
                }
            },
            () => server.Log
        );
        using var message = JsonDocument.Parse(body);
        var alert = Assert.Single(message.RootElement.EnumerateArray());
        Assert.Equal(
            "{\"alertname\":\"ProductionFails\",\"cluster\":\"production\",\"severity\":\"page\"}",
            alert.GetProperty("labels").GetRawText()
        );
        Assert.Equal(
            "10% of the requests to production fail",
            alert.GetProperty("annotations").GetProperty("summary").GetString()
        );
        using var document = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/alerts", Token));
        var shown = Assert.Single(document.RootElement.GetProperty("data").GetProperty("alerts").EnumerateArray());
        Assert.Equal("firing", shown.GetProperty("state").GetString());
    }

    /// <summary>The daily export for a moment of the operator's choice: a row for each cluster.</summary>
    private static async Task AssertExportAsync(Installation installation, string config, DateTimeOffset at)
    {
        string[] where = ["--at", Rfc3339(at), "--config", config, "--storage", installation.Storage];
        var (code, output, errors) = await RunAsync(installation, ["export", "run", Export, .. where]);
        // 3: how far sources were collected is noted once a minute, and this is sooner.
        Assert.True(code is 0 or Incomplete, $"{code}: {output}\n{errors}");
        var isComplete = code == 0;
        var name = $"exports/{Export}/{at:yyyy-MM-dd}/{at:HHmmss}.csv";
        Assert.Contains(name, output, StringComparison.Ordinal);

        var blobs = StoredLog.Open(installation.Storage);
        var info = await blobs.GetInfoAsync(name, Token);
        Assert.NotNull(info);
        var bytes = new byte[info.LengthBytes];
        Assert.Equal(bytes.Length, await blobs.ReadAsync(name, 0, bytes, info.ETag, Token));
        var lines = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n');
        Assert.Equal("timestamp,__name__,cluster,value", lines[0]);
        var moment = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string[] clusters = ["dev", "production", "staging"];
        double[] ratios = [0.2, 0.1, 0.01];
        var rows = lines.Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(
            clusters.Select(cluster => $"{moment},{Ratio},{cluster}"),
            rows.Select(row => string.Join(',', row[..3]))
        );
        Assert.Equal(ratios, rows.Select(row => Math.Round(double.Parse(row[3], CultureInfo.InvariantCulture), 6)));

        (code, output, errors) = await RunAsync(installation, ["export", "show", Export, .. where]);
        Assert.True(code == 0, errors);
        Assert.Contains($"\"complete\": {(isComplete ? "true" : "false")}", output, StringComparison.Ordinal);
        Assert.Contains("\"rows\": 3", output, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(
        Installation installation,
        string[] arguments
    ) => ChildProcess.RunAsync(installation.Executable, arguments, installation.Folder.Path);

    private async Task AssertEndsAsync(string expected, params string[] arguments)
    {
        var (code, output, errors) = await ChildProcess.RunAsync(await executable.PathAsync(), arguments, Example);
        Assert.True(code == 0, $"{code}: {output}\n{errors}");
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    /// <summary>A file of the example, with what a test has elsewhere or sooner.</summary>
    private static string Read(string name, params (string Printed, string Real)[] replacements)
    {
        var text = File.ReadAllText(Path.Combine(Example, name));
        foreach (var (printed, real) in replacements)
        {
            Assert.Contains(printed, text, StringComparison.Ordinal);
            text = text.Replace(printed, real, StringComparison.Ordinal);
        }
        return text;
    }

    [GeneratedRegex("(?ms)^```yaml\n(.*?)^```", RegexOptions.NonBacktracking)]
    private static partial Regex YamlBlock();
}
