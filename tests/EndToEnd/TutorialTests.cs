using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Configurations as tutorials print them, mistakes included: the check explains them in words that a newcomer
/// understands, and the mended file collects what its author wanted.
/// </summary>
public sealed partial class TutorialTests(TributaryExecutable executable) : IDisposable
{
    private const string Secret = "PROMETHEUS_SECRET";
    private const string Token = "t-9f1c64a2";

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, int> Mistaken { get; } =
        new()
        {
            { "three-environments", 3 },
            { "forwarded-cluster", 1 },
            { "two-replicas", 3 },
            { "everything", 3 },
            { "one-job-per-match", 1 },
            { "one-job-per-match.spaces", 1 },
            { "one-job-per-match.once", 3 },
        };

    public static TheoryData<string> Fixed { get; } =
    ["three-environments", "forwarded-cluster", "two-replicas", "everything", "one-job-per-match"];

    [Theory]
    [MemberData(nameof(Mistaken))]
    public async Task Check_MistakenFile_Explains(string name, int exitCode)
    {
        var (code, output, errors) = await RunAsync(Tutorials, "check", "config", $"{name}.yml");
        var golden = await File.ReadAllTextAsync(Path.Combine(Tutorials, $"{name}.txt"), Cancellation);
        Assert.Equal(golden.Trim(), $"{errors.TrimEnd()}\n\n{output.Trim()}");
        Assert.Equal(exitCode, code);
        Assert.DoesNotContain("not-a-real-token", errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Fixed))]
    public async Task Check_MendedFile_HasNothingToSay(string name) =>
        Assert.Equal(
            (0, $"{name}.fixed.yml: valid", ""),
            await RunAsync(Tutorials, "check", "config", $"{name}.fixed.yml")
        );

    [Fact]
    public async Task ThreeEnvironments_Mended_AreThreeSeries()
    {
        await using var dev = await ClusterAsync("dev", 1, "{}", "node");
        await using var staging = await ClusterAsync("staging", 2, "{}", "node");
        await using var production = await ClusterAsync("production", 3, "{}", "node");
        (string, string)[] places =
        [
            ("prometheus-dev.example:9090", dev.Prometheus.Authority),
            ("prometheus-staging.example:9090", staging.Prometheus.Authority),
            ("prometheus-production.example:9090", production.Prometheus.Authority),
        ];

        // What the author wrote: the servers themselves confirm that nothing tells their series apart.
        var mistaken = Write("three-environments.yml", places);
        var (code, answers, errors) = await RunAsync(folder.Path, "check", "config", "--live", mistaken);
        Assert.Equal(3, code);
        Assert.Contains("external_labels: none", answers, StringComparison.Ordinal);
        Assert.Contains("job_name is no label of federated series", errors, StringComparison.Ordinal);
        Assert.Contains("they have no external_labels", errors, StringComparison.Ordinal);

        var config = Write("three-environments.fixed.yml", places);
        await AssertTrialAsync(config, "federate/" + staging.Prometheus.Authority, "environment=\"staging\"");
        await using var server = await ServeAsync(config);
        await AssertAnswersAsync(
            server,
            "requests",
            Series("environment=\"dev\"", "node", 1),
            Series("environment=\"production\"", "node", 3),
            Series("environment=\"staging\"", "node", 2)
        );
        var metadata = await server.Http.GetStringAsync("/api/v1/metadata?metric=requests", Cancellation);
        Assert.Contains(
            "{\"requests\":[{\"type\":\"gauge\",\"help\":\"Requests that were answered.\",\"unit\":\"\"}]}",
            metadata,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task ForwardedCluster_Mended_KeepsTheFiveJobs()
    {
        string[] jobs = ["apiserver", "cadvisor", "kube-state-metrics", "kubelet", "node-exporter"];
        await using var cluster = await ClusterAsync("cluster", 5, "{}", [.. jobs, "unwanted"]);
        var config = Write("forwarded-cluster.fixed.yml", ("localhost:9090", cluster.Prometheus.Authority));
        await using var server = await ServeAsync(config);
        await AssertAnswersAsync(server, "requests", [.. jobs.Select(job => Series("", job, 5))]);
        await AssertAnswersAsync(server, "{exported_job!=\"\"}");
    }

    [Fact]
    public async Task TwoReplicas_Mended_AreOneStream()
    {
        await using var first = await ClusterAsync("first", 4, "{prometheus_replica: '0'}", "shop");
        await using var second = await ClusterAsync("second", 4, "{prometheus_replica: '1'}", "shop");
        var config = Write(
            "two-replicas.fixed.yml",
            ("prometheus-0.example:9090", first.Prometheus.Authority),
            ("prometheus-1.example:9090", second.Prometheus.Authority)
        );
        await using var server = await ServeAsync(config);
        await AssertAnswersAsync(server, "count({__name__=~\"job:.*\"})", "{} 1");
        await AssertAnswersAsync(server, "max({__name__=~\"job:.*\"})", "{} 4");
        await AssertAnswersAsync(server, "requests");
    }

    [Fact]
    public async Task Everything_Mended_IsTheRulesAndWhatIsUp()
    {
        await using var cluster = await ClusterAsync("cluster", 6, "{}", "shop");
        (string, string) place = ("prometheus.example:9090", cluster.Prometheus.Authority);
        var (_, answers, errors) = await RunAsync(
            folder.Path,
            "check",
            "config",
            "--live",
            Write("everything.yml", place)
        );
        var count = CountLine().Match(answers);
        Assert.True(count.Success && int.Parse(count.Groups[1].ValueSpan, CultureInfo.InvariantCulture) > 5, answers);
        Assert.Contains($"every series of the source; {count.Groups[1].Value} at ", errors, StringComparison.Ordinal);

        await using var server = await ServeAsync(Write("everything.fixed.yml", place));
        await AssertAnswersAsync(
            server,
            "{cluster=\"main\",__name__!~\"scrape_.*|up\"}",
            $"{TutorialCluster.Rule}{{cluster=\"main\", job=\"shop\"}} 6"
        );
        await AssertAnswersAsync(
            server,
            "up{job=\"shop\"}",
            "up{cluster=\"main\", instance=\"10.0.0.7:9100\", job=\"shop\"} 1"
        );
    }

    [Fact]
    public async Task OneJobPerMatch_Mended_IsOneJobWithTheTokenOfTheEnvironment()
    {
        await using var source = await DemandingServer.StartAsync();
        var body = $"requests{{instance=\"\",job=\"node\"}} 7 {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}\n";
        source.Answer(
            "federate",
            context =>
                context.Request.Headers.Authorization == $"Bearer {Token}"
                    ? DemandingServer.TextAsync(context, 200, body)
                    : DemandingServer.TextAsync(context, 401, "")
        );
        var config = Write("one-job-per-match.fixed.yml", ("prometheus.example:9090", source.Authority));
        await using var server = await ServeAsync(config);
        await AssertAnswersAsync(server, "requests", "requests{job=\"node\"} 7");
        await AssertAnswersAsync(server, "count(up)", "{} 1");
        Assert.DoesNotContain(Token, server.Log, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Tutorials { get; } = Path.Combine(Repository.Root, "tests", "EndToEnd", "Tutorials");

    private Task<TutorialCluster> ClusterAsync(string name, int number, string externalLabels, params string[] jobs) =>
        TutorialCluster.StartAsync(folder.Folder(name), number, externalLabels, jobs);

    /// <summary>Copies a tutorial's file, with the addresses of real servers in place of those that it has.</summary>
    private string Write(string name, params (string Printed, string Real)[] places)
    {
        var text = File.ReadAllText(Path.Combine(Tutorials, name));
        foreach (var (printed, real) in places)
        {
            Assert.Contains(printed, text, StringComparison.Ordinal);
            text = text.Replace(printed, real, StringComparison.Ordinal);
        }
        return folder.Write(name, text);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string place, params string[] arguments) =>
        await ChildProcess.RunAsync(
            await executable.PathAsync(),
            arguments,
            place,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { [Secret] = Token }
        );

    private async Task<TributaryServer> ServeAsync(string config) =>
        await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder.Folder("serving"),
            new Dictionary<string, string>(StringComparer.Ordinal) { [Secret] = Token },
            "--config",
            config
        );

    /// <summary><c>tributary source test</c> collects, and shows labels.</summary>
    private async Task AssertTrialAsync(string config, string name, string label)
    {
        var (code, output, errors) = await RunAsync(folder.Path, "source", "test", name, "--config", config);
        Assert.True(code == 0, errors);
        Assert.Contains("verdict     complete", output, StringComparison.Ordinal);
        Assert.Contains(label, output, StringComparison.Ordinal);
    }

    private static string Series(string told, string job, int value)
    {
        var labels = told.Length == 0 ? "" : $"{told}, ";
        return $"requests{{{labels}instance=\"10.0.0.7:9100\", job=\"{job}\", path=\"/\"}} {value}";
    }

    /// <summary>Waits until a query has exactly these series with these values.</summary>
    private static async Task AssertAnswersAsync(TributaryServer server, string query, params string[] expected)
    {
        IReadOnlyList<string> found = [];
        await Patience.UntilAsync(
            query,
            async () =>
            {
                found = await QueryAnswer.OfServerAsync(server.Http, query, null, DateTimeOffset.UtcNow);
                return found.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal));
            },
            () => $"{string.Join('\n', found)}\n{server.Log}"
        );
    }

    [GeneratedRegex(@"\{job=~""\.\+""\}: (\d+) series", RegexOptions.NonBacktracking)]
    private static partial Regex CountLine();
}
