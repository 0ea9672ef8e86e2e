using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Every way to authenticate towards a source, against servers that demand it, in one run of the executable.</summary>
public sealed class SourceAuthenticationTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Sources_ThatDemandCredentials_AreUpWithThemAndDownWithWrongOnes(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var sources = await DemandingSources.StartAsync(installation.Folder);
        var cases = sources.Cases;
        installation.Variables = sources.Variables;
        await using var server = await installation.StartAsync(Configuration(cases));
        await Patience.UntilAsync(
            "every source to be up, or to be refused",
            async () => Unsettled(cases, await TargetsAsync(server)).Count == 0,
            () => string.Join('\n', Unsettled(cases, TargetsAsync(server).Result))
        );
        var targets = await TargetsAsync(server);
        var page = await server.Http.GetStringAsync("/", TestContext.Current.CancellationToken);
        foreach (var one in cases.Where(one => one.Target.Length > 0))
        {
            var told = targets["wrong-" + one.Name].Error;
            Assert.All(one.Error, part => Assert.Contains(part, told, StringComparison.Ordinal));
        }
        Assert.Contains("http_sd: http://", page, StringComparison.Ordinal);
        Assert.Contains("answered 401 instead of 200: it wants credentials, or others", page, StringComparison.Ordinal);
        Assert.True(sources.Tokens.Issued > 1, $"{sources.Tokens.Issued} tokens");
        Assert.Equal(0, sources.Tokens.Expired);
        Assert.NotEmpty(sources.Landed);
        Assert.All(sources.Landed, authorization => Assert.Equal("", authorization));
        Assert.DoesNotContain(DemandingSources.Right, page + server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Secrets_ExchangedWhileRunning_AreTakenWithoutAReload(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var sources = await DemandingSources.StartAsync(installation.Folder);
        installation.Variables = sources.Variables;
        await using var server = await installation.StartAsync(
            Configuration(sources.Cases.Where(one => one.Name is "bearer_file" or "mutual" or "oauth2"))
        );
        await AwaitUpAsync(server, "right-bearer_file", "right-mutual", "right-oauth2");
        var before = sources.Tokens.Issued;
        sources.Bearer = "second-token";
        sources.Client = "CN=second";
        await Patience.UntilAsync(
            "the old secrets to be refused",
            async () =>
            {
                var targets = await TargetsAsync(server);
                return targets["right-bearer_file"].Health == "down" && targets["right-mutual"].Health == "down";
            }
        );
        installation.Folder.Write("bearer", sources.Bearer);
        sources.WriteClient("second");
        await AwaitUpAsync(server, "right-bearer_file", "right-mutual");
        await Patience.UntilAsync("another token", () => Task.FromResult(sources.Tokens.Issued > before));
        Assert.Equal("up", (await TargetsAsync(server))["right-oauth2"].Health);
        Assert.Equal(0, sources.Tokens.Expired);
    }

    private static string Configuration(IEnumerable<AuthenticationCase> cases) =>
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
        + string.Concat(cases.Select(one => one.Jobs));

    private static Task AwaitUpAsync(TributaryInstance server, params string[] jobs) =>
        Patience.UntilAsync(
            $"{string.Join(", ", jobs)} to be up",
            async () =>
            {
                var targets = await TargetsAsync(server);
                return jobs.All(job => targets.TryGetValue(job, out var target) && target.Health == "up");
            },
            () => string.Join('\n', TargetsAsync(server).Result)
        );

    private static async Task<Dictionary<string, (string Health, string Error)>> TargetsAsync(
        TributaryInstance server
    ) =>
        (await server.TargetsAsync()).ToDictionary(
            target => target.GetProperty("scrapePool").GetString()!,
            target => (target.GetProperty("health").GetString()!, target.GetProperty("lastError").GetString()!)
        );

    /// <summary>The jobs that are not yet as they should be.</summary>
    private static List<string> Unsettled(
        IEnumerable<AuthenticationCase> cases,
        Dictionary<string, (string Health, string Error)> targets
    ) =>
        [
            .. cases
                .SelectMany(one =>
                    one.Target.Length > 0
                        ? [("right-" + one.Name, "up"), ("wrong-" + one.Name, "down")]
                        : new[] { ("right-" + one.Name, "up") }
                )
                .Where(job => !targets.TryGetValue(job.Item1, out var target) || target.Health != job.Item2)
                .Select(job => $"{job.Item1} should be {job.Item2}: {targets.GetValueOrDefault(job.Item1)}"),
        ];
}
