using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tributary.Functions.Endpoints;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Puts a secret wherever one can be, and looks for it wherever something is shown.</summary>
public sealed class SecretsTests(TributaryExecutable executable, AzuriteFixture azurite) : IDisposable
{
    private const int MaxTold = 40;

    private readonly TemporaryFolder folder = new();
    private readonly Markers markers = new();
    private readonly ConcurrentQueue<(string Where, string Text)> shown = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Serve_SourcesThatFailAndEcho_ShowNoSecret(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        HideKeyOf(installation.Storage);
        var (config, source) = await PrepareAsync(installation.Folder);
        await using var sourceDisposal = source;
        installation.Variables = config.Variables;
        await using var server = await installation.StartAsync(config.Text);
        await ScrapedAsync(server, config);
        await AskEverythingAsync(server, config.Token);
        await server.StopAsync();
        Show("log", server.Log);
        await ReadStoreAsync(installation);
        await AssertNothingShownAsync(130);
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Reload_MistakeWhereASecretIs_ShowsNoSecret(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        HideKeyOf(installation.Storage);
        var (config, source) = await PrepareAsync(installation.Folder);
        await using var sourceDisposal = source;
        installation.Variables = config.Variables;
        var good = config.With("scrape_configs: []\n");
        var mistakes = SecretMistakes.All(config, config.Text).ToList();
        await using var server = await installation.StartAsync(good);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", config.Token);
        var refused = 0;
        foreach (var (mistake, text) in mistakes)
        {
            installation.Folder.Write("tributary.yml", text);
            refused += await ShowAsync(server, HttpMethod.Post, "/-/reload", mistake) == 500 ? 1 : 0;
            await ShowAsync(server, HttpMethod.Get, "/status", mistake);
            await ShowAsync(server, HttpMethod.Get, "/api/v1/status/config", mistake);
            await ShowAsync(server, HttpMethod.Get, "/api/v1/targets", mistake);
        }
        Show("log", server.Log);
        Assert.True(refused > mistakes.Count * 8 / 10, $"{refused} of {mistakes.Count} refused");
        await AssertNothingShownAsync(4 * mistakes.Count);
    }

    [Fact]
    public async Task CheckConfigAndStart_MistakeWhereASecretIs_ShowNoSecret()
    {
        var (config, source) = await PrepareAsync(folder);
        await using var sourceDisposal = source;
        var mistakes = SecretMistakes.All(config, config.Text).ToList();
        var files = mistakes.Select((mistake, i) => folder.Write($"mistake-{i}.yml", mistake.Text)).ToList();
        folder.Write("tributary.yml", config.Text);
        await RunAsync(config, ["check", "config", .. files, "tributary.yml"]);
        await RunAsync(config, ["serve", "--listen", "127.0.0.1:0", "--config", files[^5]]);
        await RunAsync(config, ["serve", "--listen", "127.0.0.1:0", "--config", files[0]]);
        await AssertNothingShownAsync(6);
    }

    [Fact]
    public async Task CommandLine_SecretWhereItDoesNotBelong_IsNotRepeated()
    {
        var (config, source) = await PrepareAsync(folder);
        await using var sourceDisposal = source;
        string[][] lines =
        [
            ["hash-password", config.M("hash-password argument")],
            ["hash-password", "--password", config.M("hash-password option")],
            ["serve", $"AccountName=a;AccountKey={config.M("connection string without option")}"],
            ["--storage", $"AccountKey={config.M("AccountKey without name")}"],
            ["--storage", $"AccountName=abc;AccountKey={config.M("AccountKey that is none")}!"],
            ["--storage", $"AccountName=abc;AccountKey={config.M("AccountKey before a mistake")}=;x"],
            ["--storage", $"BlobEndpoint=http://127.0.0.1:1/a;SharedAccessSignature=sig={config.M("signature")}"],
            ["--storage", $"https://abc.blob.core.windows.net/?sig={config.M("sig of an account URL")}"],
            ["--storage", $"http://u:{config.M("account URL")}@127.0.0.1:1/"],
            ["--storage", $"ftp://u:{config.M("other URL")}@127.0.0.1:1/"],
            ["--config", $"http://u:{config.M("config URL")}@127.0.0.1:1/"],
            ["--config", $"blob:http://u:{config.M("config blob")}@127.0.0.1:1/"],
            ["--listen", $"u:{config.M("listen")}@127.0.0.1:1"],
            ["--web.external-url", $"http://u:{config.M("external-url")}@127.0.0.1:1"],
            ["--web.external-url", $"http://127.0.0.1:1/?token={config.M("external-url query")}"],
            ["check", "config", $"http://u:{config.M("check config")}@127.0.0.1:1/"],
            [
                "log",
                "ls",
                "--storage",
                $"AccountName=abc;AccountKey={config.M("log ls")};BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a",
            ],
            ["serve", $"--password={config.M("unknown option")}"],
        ];
        await Task.WhenAll(lines.Select(line => RunAsync(config, line)));
        await AssertNothingShownAsync(2 * lines.Length);
    }

    [Fact]
    public async Task Storage_AccountWithAKey_IsShownWithoutIt()
    {
        var storage = await azurite.ConnectionStringAsync();
        HideKeyOf(storage);
        folder.Write("tributary.yml", "scrape_configs: []\n");
        await using var server = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder.Path,
            "--storage",
            storage
        );
        await AskEverythingAsync(server, "");
        Show("output", server.Process.Output + server.Process.Errors);
        await AssertNothingShownAsync(60);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The key of an account is a secret, too.</summary>
    private void HideKeyOf(string storage)
    {
        if (storage.Split("AccountKey=") is [_, var rest])
        {
            markers.Add("AccountKey", rest.Split(';')[0]);
        }
    }

    private async Task<(SecretConfiguration Config, DemandingServer Source)> PrepareAsync(TemporaryFolder files)
    {
        var source = await EchoSource.StartAsync(markers.New("address of a redirect"));
        var password = markers.New("password of anna");
        var (code, output, _) = await ChildProcess.RunAsync(
            "/bin/sh",
            ["-c", "printf '%s\\n' \"$1\" | \"$0\" hash-password", await executable.PathAsync(), password],
            files.Path
        );
        Assert.Equal(0, code);
        var hash = output.Trim();
        markers.Add("hash", hash);
        return (new SecretConfiguration(markers, files, source.Authority, hash), source);
    }

    /// <summary>Waits until every target has been asked, and every discovery.</summary>
    private static async Task ScrapedAsync(TributaryInstance server, SecretConfiguration config)
    {
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", config.Token);
        await Patience.UntilAsync(
            "every target to be asked",
            async () =>
            {
                var targets = await server.TargetsAsync();
                return targets.Count > 90
                    && targets.All(target => target.GetProperty("health").GetString() != "unknown");
            }
        );
        Assert.All(
            await server.TargetsAsync(),
            target => Assert.NotEqual("", target.GetProperty("lastError").GetString())
        );
        server.Http.DefaultRequestHeaders.Authorization = null;
    }

    /// <summary>Every endpoint, with the methods and parameters that make a difference, with and without credentials.</summary>
    private async Task AskEverythingAsync(TributaryInstance server, string bearer)
    {
        // What is told there is in the list of notifications, too; the stream has no end.
        const string Endless = "/api/v1/notifications/live";
        string[] paths =
        [
            "/nothing",
            "/api/v1/nothing",
            "/federation",
            .. Routes.All.Keys.Where(path => path != Endless),
        ];
        string[] queries = ["?match[]={__name__=~\".%2B\"}", "?match[]={", "?state=any&limit=x&match_target={}"];
        AuthenticationHeaderValue?[] refused =
        [
            null,
            new("Bearer", markers.New("a wrong token")),
            new("Digest", markers.New("another scheme")),
            new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("anna:" + markers.New("a wrong password")))),
        ];
        foreach (var one in refused)
        {
            server.Http.DefaultRequestHeaders.Authorization = one;
            foreach (var path in paths)
            {
                await ShowAsync(server, HttpMethod.Get, path, path);
            }
        }
        server.Http.DefaultRequestHeaders.Authorization = bearer.Length > 0 ? new("Bearer", bearer) : null;
        foreach (var path in paths)
        {
            foreach (var query in queries)
            {
                await ShowAsync(server, HttpMethod.Get, path + query, path);
            }
            foreach (
                var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Options]
            )
            {
                await ShowAsync(server, method, path, path);
            }
        }
        server.Http.DefaultRequestHeaders.Authorization = null;
    }

    private async Task<int> ShowAsync(TributaryInstance server, HttpMethod method, string path, string what)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await server.Http.SendAsync(request, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Show($"{method} {path} ({what})", $"{response.StatusCode} {response.ReasonPhrase}\n{response.Headers}\n{body}");
        // What is escaped is what it stands for, too.
        Show($"{method} {path} ({what}), read", WebUtility.HtmlDecode(Uri.UnescapeDataString(body)));
        return (int)response.StatusCode;
    }

    private async Task ReadStoreAsync(Installation installation)
    {
        var data = Path.Combine(installation.Folder.Path, "data");
        var isLocal = installation.Form == Form.StandaloneLocal;
        foreach (var file in isLocal ? Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories) : [])
        {
            Show(file, file + Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Token)));
        }
        var blobs = StoredLog.Open(installation.Storage);
        await foreach (var blob in blobs.ListAsync("", Token))
        {
            var bytes = new byte[blob.LengthBytes];
            var read = await blobs.ReadAsync(blob.Name, 0, bytes, blob.ETag, Token);
            Show(blob.Name, blob.Name + Encoding.Latin1.GetString(bytes, 0, read));
        }
        var log = await installation.ReadLogAsync();
        Assert.NotEmpty(log.Batches);
        foreach (var batch in log.Batches)
        {
            var series = batch.Scraped.Concat(batch.Added).Select(item => item.Series.ToString());
            Show("batch", $"{batch.Source} {batch.Report?.Error} {string.Join(' ', series)}");
        }
        foreach (var verb in (string[])["ls", "verify"])
        {
            var (code, output, errors) = await ChildProcess.RunAsync(
                await executable.PathAsync(),
                ["log", verb, "--storage", installation.Storage],
                folder.Path
            );
            Assert.Equal(0, code);
            Show("log " + verb, output + errors);
        }
    }

    private async Task RunAsync(SecretConfiguration config, string[] arguments)
    {
        var (code, output, errors) = await ChildProcess.RunAsync(
            await executable.PathAsync(),
            arguments,
            folder.Path,
            environment: config.Variables
        );
        Assert.NotEqual(0, code);
        Show($"output of {arguments[0]}", output);
        Show($"errors of {arguments[0]}", errors);
    }

    private void Show(string where, string text) => shown.Enqueue((where, text));

    /// <summary>Fails with every place that shows a secret.</summary>
    private async Task AssertNothingShownAsync(int least)
    {
        Assert.True(shown.Count >= least, $"only {shown.Count} texts");
        var leaks = await Task.Run(
            () =>
                shown
                    .DistinctBy(text => text.Text, StringComparer.Ordinal)
                    .SelectMany(text => markers.FindIn(text.Text).Select(leak => $"{text.Where} shows {leak}"))
                    .Distinct(StringComparer.Ordinal)
                    .ToList(),
            Token
        );
        Assert.True(leaks.Count == 0, $"{leaks.Count} leaks:\n{string.Join('\n', leaks.Take(MaxTold))}");
    }
}
