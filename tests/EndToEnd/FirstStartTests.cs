using System.Net;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>What the README promises of a start in an empty folder.</summary>
public sealed class FirstStartTests(TributaryExecutable executable, AzuriteFixture azurite) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal, "storage local:./data")]
    [InlineData(Form.StandaloneAzurite, "storage storage account ")]
    [InlineData(Form.FunctionsAzurite, "storage storage account ")]
    public async Task Start_NothingConfigured_WatchesItself(Form form, string storage)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var server = await installation.StartOnAsync("");
        var page = await AwaitTargetUpAsync(server);
        Assert.Contains("<td class=\"complete\">complete</td>", page, StringComparison.Ordinal);
        Assert.Contains("configuration built-in", page, StringComparison.Ordinal);
        Assert.Contains(storage, page, StringComparison.Ordinal);
        Assert.Contains("localhost:9090", page, StringComparison.Ordinal);

        // A tick may be taken half a second early, and until its time comes its samples are of the future.
        var up = await Patience.ForAsync(
            "a sample",
            async () => await server.FederateAsync("up") is [var sample] ? sample : null,
            () => server.Log
        );
        Assert.Equal(1, up.Value);
        Assert.Equal("tributary", up.Series.Get("job"));
        var own = (server as HostedTributary)?.Host.HandlerAddress ?? server.Address;
        Assert.Equal(own.Authority, up.Series.Get("instance"));
        var target = Assert.Single(await server.TargetsAsync());
        Assert.Equal("up", target.GetProperty("health").GetString());
        Assert.Equal("", target.GetProperty("lastError").GetString());
        Assert.Equal($"{own}metrics", target.GetProperty("scrapeUrl").GetString());
        Assert.Equal("Tributary is Healthy.\n", await server.Http.GetStringAsync("/-/healthy", Token));
        Assert.Equal("Tributary is Ready.\n", await server.Http.GetStringAsync("/-/ready", Token));
        await server.StopAsync();
        Assert.Equal(
            up.TimestampMs,
            (await installation.ReadLogAsync()).Of("up").Min(sample => sample.Key.TimestampMs)
        );
    }

    [Fact]
    public async Task Start_ConfigurationInFolder_IsUsed()
    {
        await using var server = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder,
            "scrape_configs: [{job_name: mine, static_configs: [{targets: [\"127.0.0.1:1\"]}]}]"
        );
        Assert.Equal("mine", Assert.Single(await server.TargetsAsync()).GetProperty("scrapePool").GetString());
        var page = await server.Http.GetStringAsync("/", Token);
        Assert.Contains("configuration ./tributary.yml", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_FileThatWasNotThereAtTheStart_AsksForAStart()
    {
        await using var server = await TributaryServer.StartAsync(await executable.PathAsync(), folder.Path);
        Assert.Equal(HttpStatusCode.OK, await ReloadAsync());
        folder.Write("tributary.yml", "scrape_configs: []");
        Assert.Equal(HttpStatusCode.InternalServerError, await ReloadAsync());
        var page = await server.Http.GetStringAsync("/", Token);
        Assert.Contains("./tributary.yml was not there when the server started", page, StringComparison.Ordinal);

        async Task<HttpStatusCode> ReloadAsync()
        {
            using var answer = await server.Http.PostAsync("/-/reload", null, Token);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData(ChildProcess.Interrupt)]
    [InlineData(ChildProcess.Terminate)]
    public async Task Stop_BySignal_EndsWithZeroAndWholeLog(int signal)
    {
        var binary = await executable.PathAsync();
        // Shells start background jobs with SIGINT ignored, and that is inherited.
        string[] arguments = ["--default-signal=INT", binary, "serve", "--listen", "127.0.0.1:0"];
        await using (var process = ChildProcess.Start("/usr/bin/env", arguments, folder.Path))
        {
            await TributaryServer.AddressAsync(process);
            process.Signal(signal);
            Assert.Equal(0, await process.ExitAsync());
            Assert.Equal("", process.Errors);
        }
        var (code, output, _) = await ChildProcess.RunAsync(binary, ["log", "verify"], folder.Path);
        Assert.Equal(0, code);
        Assert.EndsWith(" 0 damaged", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_InBrowser_ShowsTarget()
    {
        var browser = Requirement.Program("chromium", "chromium");
        await using var server = await TributaryServer.StartAsync(await executable.PathAsync(), folder.Path);
        await AwaitTargetUpAsync(server);
        string[] arguments =
        [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            $"--user-data-dir={folder.Folder("browser")}",
            "--dump-dom",
            server.Address.ToString(),
        ];
        var (code, dom, errors) = await ChildProcess.RunAsync(browser, arguments, folder.Path);
        Assert.True(code == 0, errors);
        Assert.Contains("1 of 1 target up.", dom, StringComparison.Ordinal);
        Assert.Contains($"<code>{server.Address}metrics</code>", dom, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static Task<string> AwaitTargetUpAsync(TributaryInstance server) =>
        Patience.ForAsync(
            "one target up",
            async () =>
            {
                var page = await server.Http.GetStringAsync("/", Token);
                return page.Contains("1 of 1 target up.", StringComparison.Ordinal) ? page : null;
            },
            () => server.Log
        );
}
