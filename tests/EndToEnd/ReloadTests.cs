using System.Globalization;
using System.Net;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>The configuration changes while the server runs: by a request, and by itself when the file or blob changes.</summary>
public sealed class ReloadTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    /// <summary>Behind the host, nobody reloads without credentials.</summary>
    private const string Secret = "token-0123456789";
    private const string Successful = "prometheus_config_last_reload_successful";
    private static readonly Fixture[] Fixtures = [new("steady", "steady 1\n"), new("extra", "extra 1\n")];

    private const string Web = $"tributary: {{web: {{bearer_tokens: [{Secret}]}}}}\n";

    private const int Changes = 100;
    private const int IntervalMs = 2000;

    /// <summary>What a hasty user writes, and a part of what we answer.</summary>
    private static readonly (string Text, string Error)[] Broken =
    [
        ("\tglobal: {}\n", "indented with a tab"),
        ("globl: {}\n", "did you mean global?"),
        ("scrape_configs: [{job_name: a}, {job_name: a}]\n", "used twice"),
        ("scrape_configs: [{job_name: a, relabel_configs: [{action: keep, regex: '('}]}]\n", "missing closing )"),
        ("scrape_configs: [{job_name: a, static_configs: [{targets: ['http://x']}]}]\n", "only host:port"),
        ("", "the file is empty"),
    ];

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task HundredChanges_UnderLoad_LoseNoTickAndKeepTheLastGoodOne(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FixtureServer.StartAsync(Fixtures);
        await using var server = await StartAsync(installation, Config(source, 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var load = Enumerable.Range(0, 4).Select(_ => ReadAsync(server, stop.Token)).ToList();

        for (var change = 1; change <= Changes; change++)
        {
            var isGood = change % 2 == 0;
            var (broken, error) = Broken[change / 2 % Broken.Length];
            await installation.PutConfigAsync(isGood ? Config(source, change) : broken);
            var (status, body) = await ReloadAsync(server);
            Assert.Equal((isGood ? HttpStatusCode.OK : HttpStatusCode.InternalServerError, change), (status, change));
            Assert.Contains(isGood ? "" : error, body, StringComparison.Ordinal);
            Assert.Equal(isGood ? 1 : 0, await server.MetricAsync(Successful));
            var page = await server.Http.GetStringAsync("/", TestContext.Current.CancellationToken);
            Assert.Equal(!isGood, page.Contains(WebUtility.HtmlEncode(error), StringComparison.Ordinal));
            Assert.Equal($"extra-{change / 2 * 2}", await ExtraJobAsync(server));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), answers => Assert.True(answers > 0));
        await server.StopAsync();

        var log = await installation.ReadLogAsync();
        var ticks = log.Batches.Where(b => b.Source.StartsWith("steady/", StringComparison.Ordinal)).ToList();
        Assert.True(ticks.Count > 5, $"{ticks.Count} ticks");
        Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.Equal(IntervalMs, pair.Second.TickMs - pair.First.TickMs));
    }

    /// <summary>A file is looked at every two seconds, a blob every fifteen.</summary>
    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task ChangedConfiguration_IsTakenWithoutBeingAsked_AndSaysWhatIsWrong(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FixtureServer.StartAsync(Fixtures);
        await using var server = await StartAsync(installation, Config(source, 0));
        await installation.PutConfigAsync(Config(source, 2));
        await Patience.UntilAsync("the new job", async () => await ExtraJobAsync(server) == "extra-2");
        await installation.PutConfigAsync("globl: {}\n");
        await Patience.UntilAsync("the error", async () => await server.MetricAsync(Successful) == 0);
        Assert.Equal("extra-2", await ExtraJobAsync(server));
        Assert.Contains("did you mean global?", server.Log, StringComparison.Ordinal);
        await installation.DeleteConfigAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, (await ReloadAsync(server)).Status);
        Assert.Equal("extra-2", await ExtraJobAsync(server));
        await installation.PutConfigAsync(Config(source, 4));
        await Patience.UntilAsync("the mended file", async () => await server.MetricAsync(Successful) == 1);
        Assert.Equal("extra-4", await ExtraJobAsync(server));
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task IncludedConfiguration_Changes_IsTaken(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FixtureServer.StartAsync([new Fixture("extra", "extra 1\n")]);
        await installation.PutConfigAsync(Job(source, "extra-1", "extra"), "jobs/a.yml");
        await using var server = await StartAsync(installation, $"scrape_config_files: [jobs/*.yml]\n{Web}");
        await Patience.UntilAsync("the job", async () => await ExtraJobAsync(server) == "extra-1");
        await installation.PutConfigAsync(Job(source, "extra-2", "extra"), "jobs/a.yml");
        await Patience.UntilAsync("the new job", async () => await ExtraJobAsync(server) == "extra-2");
    }

    [Fact]
    public async Task Hangup_Reloads()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var source = await FixtureServer.StartAsync(Fixtures);
        await using var server = await StartAsync(installation, Config(source, 0));
        await installation.PutConfigAsync(Config(source, 2));
        server.Process.Signal(ChildProcess.Hangup);
        await Patience.UntilAsync("the new job", async () => await ExtraJobAsync(server) == "extra-2");
    }

    private static async Task<TributaryInstance> StartAsync(Installation installation, string config)
    {
        var server = await installation.StartOnAsync(await installation.PutConfigAsync(config));
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        return server;
    }

    private static async Task<int> ReadAsync(TributaryInstance server, CancellationToken stop)
    {
        var answers = 0;
        while (!stop.IsCancellationRequested)
        {
            using var response = await server.Http.GetAsync(
                "/federate?match[]={job=~\".%2B\"}",
                CancellationToken.None
            );
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            answers++;
            await Task.Delay(20, CancellationToken.None);
        }
        return answers;
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReloadAsync(TributaryInstance server)
    {
        var token = TestContext.Current.CancellationToken;
        using var response = await server.Http.PostAsync("/-/reload", null, token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(token));
    }

    private static async Task<string?> ExtraJobAsync(TributaryInstance server) =>
        (await server.TargetsAsync())
            .Select(target => target.GetProperty("scrapePool").GetString()!)
            .SingleOrDefault(pool => pool.StartsWith("extra-", StringComparison.Ordinal));

    private static string Config(FixtureServer source, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"global: {{external_labels: {{number: n{number}}}}}\n")
        + Web
        + Job(source, "steady", "steady")
        + Job(source, string.Create(CultureInfo.InvariantCulture, $"extra-{number}"), "extra")
            .Replace("scrape_configs:\n", "", StringComparison.Ordinal);

    private static string Job(FixtureServer source, string name, string path) =>
        $$"""
            scrape_configs:
            - job_name: {{name}}
              metrics_path: /{{path}}
              scrape_interval: 2s
              scrape_timeout: 2s
              static_configs: [{targets: ["{{source.Authority}}"]}]

            """;
}
