using Microsoft.AspNetCore.Http;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary><c>infra/smoke</c> says that a good deployment is well, and of others what is wrong with them.</summary>
public sealed class SmokeTests(TributaryExecutable executable, AzuriteFixture azurite) : IDisposable
{
    private const string WebToken = "token-5e0c7f21aa";
    private const string Success = "{\"status\":\"success\",\"data\":";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    /// <summary>What is not a Tributary that is well: its answers by path, and what is said of it.</summary>
    public static TheoryData<string, (string Path, int Status, string Text)[], string> WrongServers { get; } =
        new()
        {
            { "nothing is there yet", [], "there is no such function; is the package deployed" },
            { "a login page", [("-/healthy", 200, "<!DOCTYPE html>\n<title>Sign in</title>")], "this is no Tributary" },
            { "Prometheus", [("-/healthy", 200, "Prometheus Server is Healthy.\n")], "this is no Tributary" },
            { "a redirect", [("-/healthy", 302, "")], "a redirect: give the address" },
            { "a gate", [("-/healthy", 401, "")], "something in front of it asks for credentials" },
            { "a dead host", [("-/healthy", 503, "Function host is not running.")], "its log says why: Function host" },
            { "a slow start", [Healthy, ("-/ready", 503, "Tributary is still reading")], "/-/ready: HTTP 503" },
            {
                "an open door",
                [Healthy, Ready, ("api/v1/status/buildinfo", 200, Success + "{\"revision\":\"tributary-1\"}}")],
                "it answers without credentials: add users"
            },
            {
                "another API",
                [Healthy, Ready, ("api/v1/status/buildinfo", 200, "{\"message\":\"hello\"}")],
                "this is no answer of the Prometheus API"
            },
            {
                "an older version",
                [Healthy, Ready, ("api/v1/status/buildinfo", 200, Success + "{\"revision\":\"tributary-0.0.9+a\"}}")],
                "version 0.0.9+a still answers, 1.2.3+b was deployed"
            },
            {
                "old samples",
                [
                    Healthy,
                    Ready,
                    ("api/v1/status/buildinfo", 200, Success + "{\"revision\":\"tributary-1.2.3+b\"}}"),
                    (
                        "api/v1/query",
                        200,
                        Success + "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1.5,\"1234.5\"]}]}}"
                    ),
                ],
                "Collect: the newest samples are 1234 s old, more than 300"
            },
            {
                "nothing collected, sources down, rules late",
                [
                    Healthy,
                    Ready,
                    ("api/v1/status/buildinfo", 200, Success + "{\"revision\":\"tributary-1.2.3+b\"}}"),
                    ("api/v1/query", 200, Success + "{\"resultType\":\"vector\",\"result\":[]}}"),
                    (
                        "api/v1/targets",
                        200,
                        Success + "{\"activeTargets\":[{\"health\":\"down\"},{\"health\":\"down\"}]}}"
                    ),
                    (
                        "api/v1/rules",
                        200,
                        Success + "{\"groups\":[{\"interval\":60,\"lastEvaluation\":\"2020-01-01T00:00:00Z\"}]}}"
                    ),
                    (
                        "api/v1/status/exports",
                        200,
                        Success + "{\"exports\":[{\"schedule\":\"\",\"runs\":[{\"state\":\"failed\"}]}]}}"
                    ),
                    (
                        "api/v1/status/blocks",
                        200,
                        Success
                            + "{\"uncompactedWindows\":[{\"minTime\":1,\"maxTime\":2,\"files\":1,\"bytes\":1}],\"problems\":[]}}"
                    ),
                ],
                "Collect: nothing was collected in the last 5 minutes\ntargets: none of 2 is up\n"
                    + "Evaluate: the newest evaluation is of 2020-01-01T00:00:00Z\nExport: 1 of the last runs failed\n"
                    + "Compact: 1 windows of two hours wait\nqueries: sum(up)\n/federate: HTTP 404"
            },
        };

    private static (string, int, string) Healthy => ("-/healthy", 200, "Tributary is Healthy.\n");

    private static (string, int, string) Ready => ("-/ready", 200, "Tributary is Ready.\n");

    [Fact]
    public async Task Smoke_FunctionAppThatCollectsAndEvaluates_IsWell()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        await using var source = await FakeSource.StartAsync(_ => "fine 1\n");
        await installation.PutConfigAsync(
            "groups: [{name: g, interval: 1s, rules: [{record: 'a:fine', expr: fine}]}]\n",
            "rules.yml"
        );
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRIBUTARY_EVALUATE_SCHEDULE"] = "00:00:00.5",
        };
        var config = await installation.PutConfigAsync(
            $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: a
                static_configs: [{targets: ["{{source.Authority}}"]}]
            rule_files: [rules.yml]
            tributary:
              web: {bearer_tokens: [{{WebToken}}]}
            """
        );
        await using var server = await installation.StartOnAsync(config);

        var (code, text) = await RunAsync(server.Address, "--wait", "30", "--max-age", "60");
        Assert.True(code == 0, $"{text}\n{server.Log}");
        string[] expected =
        [
            "who has no credentials sees no data",
            "targets: all 1 are up",
            "Evaluate: the newest evaluation is of 2",
            "queries: sum(up) is 1",
            "/federate: 1 series of up",
            "all is well",
        ];
        Assert.All(expected, line => Assert.Contains(line, text, StringComparison.Ordinal));

        folder.Write("token", "another");
        (code, text) = await RunAsync(server.Address, "--wait", "1");
        Assert.Equal(1, code);
        Assert.Contains("the credentials open nothing", text, StringComparison.Ordinal);
        Assert.DoesNotContain(WebToken, text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongServers))]
    public async Task Smoke_WrongServer_IsNamed(
        string what,
        (string Path, int Status, string Text)[] answers,
        string expected
    )
    {
        await using var server = await DemandingServer.StartAsync();
        foreach (var (path, status, body) in answers)
        {
            var isGuarded = what != "an open door" && path.StartsWith("api/", StringComparison.Ordinal);
            server.Answer(
                path,
                context =>
                    isGuarded && context.Request.Headers.Authorization != $"Bearer {WebToken}"
                        ? DemandingServer.TextAsync(context, StatusCodes.Status401Unauthorized, "")
                        : DemandingServer.TextAsync(context, status, body)
            );
        }
        var (code, text) = await RunAsync(new Uri($"http://{server.Authority}"), "--wait", "0", "--expect", "1.2.3+b");
        Assert.True(code == 1, $"{what}: {code} {text}");
        Assert.All(expected.Split('\n'), line => Assert.Contains(line, text, StringComparison.Ordinal));
        Assert.DoesNotContain(WebToken, text, StringComparison.Ordinal);
        Assert.DoesNotContain("infra/smoke: line", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.org", "credentials are not sent over http://")]
    [InlineData("https://anna:secret@example.org", "without a user")]
    [InlineData("example.org", "has to be http:// or https://")]
    public async Task Smoke_AddressThatWouldShowSecrets_IsRefused(string url, string expected)
    {
        var (code, text) = await RunScriptAsync("--url", url, "--token-file", folder.Write("token", WebToken));
        Assert.Equal(2, code);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private Task<(int Code, string Text)> RunAsync(Uri address, params string[] options)
    {
        var token = Path.Combine(folder.Path, "token");
        if (!File.Exists(token))
        {
            folder.Write("token", WebToken + "\n");
        }
        return RunScriptAsync(["--url", address.ToString(), "--token-file", token, .. options]);
    }

    private async Task<(int Code, string Text)> RunScriptAsync(params string[] arguments)
    {
        Requirement.Program("curl", "curl");
        var script = Path.Combine(Repository.Root, "infra", "smoke");
        var (code, output, errors) = await ChildProcess.RunAsync(script, arguments, folder.Path, Limit);
        return (code, $"{output}\n{errors}");
    }
}
