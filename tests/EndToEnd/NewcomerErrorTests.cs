using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>What a newcomer does wrong, and what he is told: the exit code and the words that help.</summary>
public sealed class NewcomerErrorTests(TributaryExecutable executable, AzuriteFixture azurite) : IDisposable
{
    internal const string SecretKey = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==";
    private readonly TemporaryFolder folder = new();

    public static TheoryData<Form> Forms { get; } =
    [Form.StandaloneLocal, Form.StandaloneAzurite, Form.FunctionsAzurite];

    public static TheoryData<string, int, string[]> BrokenConfigurations { get; } =
        new()
        {
            {
                "global:\n\tscrape_interval: 5s\n",
                1,
                [
                    "the configuration has 1 error:",
                    "broken.yml:2:1: the line is indented with a tab; YAML takes only spaces",
                ]
            },
            {
                "global:\n  scrap_interval: 5s\n",
                1,
                ["broken.yml:2:3: global: unknown field \"scrap_interval\"; did you mean scrape_interval?"]
            },
            {
                "scrape_configs:\n  - job_name: [\n",
                1,
                ["the configuration has 1 error:", "broken.yml:", "not valid YAML"]
            },
            {
                """
                    global:
                      scrape_intervall: 5s
                    scrape_configs:
                      - job_name: a
                        static_config:
                          - targets: [x]
                      - job_name: a
                        scrape_timeout: 99x
                        static_configs:
                          - targets: ["http://x:1/metrics"]
                    """,
                1,
                [
                    "the configuration has 5 errors:",
                    "broken.yml:2:3: global: unknown field \"scrape_intervall\"; did you mean scrape_interval?",
                    "broken.yml:5:5: job \"a\": unknown field \"static_config\"; did you mean static_configs?",
                    "broken.yml:7:15: job_name \"a\" is used twice: here and in line 4",
                    "broken.yml:8:21: job \"a\": scrape_timeout \"99x\": not a valid duration",
                    "broken.yml:10:19: job \"a\": static_configs: targets: \"x:1\" has a scheme in front",
                ]
            },
            { "", 1, ["broken.yml:1:1: the file is empty; it needs at least a section scrape_configs"] },
        };

    public static TheoryData<string[], int, string[]> WrongCommandLines { get; } =
        new()
        {
            {
                ["--config", "missing.yml"],
                2,
                [
                    "the configuration file 'missing.yml' does not exist",
                    "--config",
                    "TRIBUTARY_CONFIG",
                    "./tributary.yml",
                ]
            },
            { ["--konfig", "x"], 2, ["Unrecognized command or argument '--konfig'", "Did you mean", "--config"] },
            { ["serve", "--konfig", "x"], 2, ["'--konfig' was not matched. Did you mean", "--config"] },
            { ["sreve"], 2, ["Unrecognized command or argument 'sreve'", "serve"] },
            { ["hash-password"], 2, ["the password is empty", "standard input"] },
            { ["--web.external-url", "example.org"], 2, ["--web.external-url (or TRIBUTARY_WEB_EXTERNAL_URL)"] },
            { ["--web.route-prefix", "/a b"], 2, ["--web.route-prefix (or TRIBUTARY_WEB_ROUTE_PREFIX)"] },
            { ["--web.cors.origin", "("], 2, ["--web.cors.origin (or TRIBUTARY_WEB_CORS_ORIGIN)"] },
            { ["--listen", "nonsense"], 2, ["--listen 'nonsense'", "a port from 0 to 65535", "127.0.0.1:19090"] },
            { ["--storage", "nonsense"], 2, ["--storage (or TRIBUTARY_STORAGE)", "local:FOLDER", "connection string"] },
        };

    [Theory]
    [MemberData(nameof(BrokenConfigurations))]
    public async Task Serve_BrokenConfiguration_NamesEveryMistakeWithItsPlace(
        string config,
        int exitCode,
        string[] messages
    )
    {
        folder.Write("broken.yml", config);
        await AssertEndsAsync(exitCode, messages, "--config", "broken.yml", "--listen", "127.0.0.1:0");
    }

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task CommandLine_Wrong_SaysWhatIsRight(string[] arguments, int exitCode, string[] messages) =>
        await AssertEndsAsync(exitCode, messages, arguments);

    [Fact]
    public async Task Serve_PortInUse_SaysSoAndNamesTheOption()
    {
        await using var other = await FakeSource.StartAsync(_ => "");
        await AssertEndsAsync(
            1,
            [$"cannot listen on {other.Authority}: another program uses this port", "--listen", "TRIBUTARY_LISTEN"],
            "--listen",
            other.Authority
        );
    }

    [Fact]
    public async Task Serve_FolderBelowFile_SaysThatThePathIsAFile()
    {
        folder.Write("afile", "");
        await AssertEndsAsync(
            1,
            ["local store", "afile", "is a file", "name a folder", "--storage", "TRIBUTARY_STORAGE"],
            "--storage",
            "local:afile/data",
            "--listen",
            "127.0.0.1:0"
        );
    }

    [Fact]
    public async Task Serve_FolderThatCannotBeMade_NamesFolderAndAdvice() =>
        await AssertEndsAsync(
            1,
            ["local store '/proc/tributary'", "What to do:", "--storage", "TRIBUTARY_STORAGE"],
            "--storage",
            "local:/proc/tributary",
            "--listen",
            "127.0.0.1:0"
        );

    [Fact]
    public async Task Serve_FolderOfAnotherUser_AsksForRights()
    {
        if (Environment.UserName == "root")
        {
            Assert.Skip("root may write everywhere: run the tests as another user to see this one");
        }
        var closed = folder.Folder("closed");
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await AssertEndsAsync(
            1,
            ["local store", "closed", "let the user that runs this process read and write the folder", "--storage"],
            "--storage",
            $"local:{closed}",
            "--listen",
            "127.0.0.1:0"
        );
    }

    [Fact]
    public async Task Serve_StoreUnreachable_NamesAccountAddressAndAdvice()
    {
        var address = $"127.0.0.1:{FreePort.Find()}";
        await AssertEndsAsync(
            1,
            [
                "account 'devstoreaccount1'",
                $"cannot connect to {address}",
                "Is Azurite running, and on this port?",
                "--storage",
                "TRIBUTARY_STORAGE",
            ],
            "--storage",
            $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={SecretKey};"
                + $"BlobEndpoint=http://{address}/devstoreaccount1;TableEndpoint=http://{address}/devstoreaccount1",
            "--listen",
            "127.0.0.1:0"
        );
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("log", "verify")]
    public async Task Store_WrongAccountKey_SaysSoWithoutTheKey(params string[] verb)
    {
        var storage = WithWrongKey(await azurite.ConnectionStringAsync());
        await AssertEndsAsync(
            1,
            ["account 'devstoreaccount1'", "403", "Check that AccountKey is a current key", "--storage"],
            [.. verb, "--storage", storage, .. verb.Length == 1 ? ["--listen", "127.0.0.1:0"] : Array.Empty<string>()]
        );
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Status_SourceDown_SaysWhatToCheck(Form form)
    {
        var port = FreePort.Find();
        await AssertTargetErrorAsync(
            form,
            $"127.0.0.1:{port}",
            $"no connection to 127.0.0.1:{port}",
            "is the source running, and the port right?"
        );
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Status_HtmlInsteadOfMetrics_SaysWhatToCheck(Form form)
    {
        await using var source = await FakeSource.StartAsync(_ => "<html>hello</html>", "text/html; charset=utf-8");
        await AssertTargetErrorAsync(
            form,
            source.Authority,
            "the source answered with a web page (text/html) instead of metrics",
            "check host, port and metrics_path"
        );
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Status_GarbageInsteadOfMetrics_NamesLine(Form form)
    {
        await using var source = await FakeSource.StartAsync(_ => "up 1\nthis is not a metric\n");
        await AssertTargetErrorAsync(form, source.Authority, "line 2");
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A connection string with a key that is none of the account.</summary>
    internal static string WithWrongKey(string storage) =>
        string.Join(
            ';',
            storage
                .Split(';')
                .Select(part =>
                    part.StartsWith("AccountKey=", StringComparison.Ordinal) ? "AccountKey=" + SecretKey : part
                )
        );

    /// <summary>Runs to the end: the messages are on standard error, without a stack trace and without secrets.</summary>
    private async Task AssertEndsAsync(int exitCode, string[] messages, params string[] arguments)
    {
        var binary = await executable.PathAsync();
        var (code, output, errors) = await ChildProcess.RunAsync(binary, arguments, folder.Path);
        Assert.All(messages, message => Assert.Contains(message, errors, StringComparison.Ordinal));
        Assert.Equal(exitCode, code);
        Assert.DoesNotContain("   at ", errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain(SecretKey, errors + output, StringComparison.Ordinal);
    }

    /// <summary>Both the API and the page show why a target is down.</summary>
    private async Task AssertTargetErrorAsync(Form form, string target, params string[] messages)
    {
        var config = $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: wrong
                static_configs: [{targets: ["{{target}}"]}]
            """;
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var server = await installation.StartAsync(config);
        var error = await Patience.ForAsync(
            "the first scrape",
            async () =>
            {
                var status = (await server.TargetsAsync()).Single();
                return status.GetProperty("health").GetString() == "down"
                    ? status.GetProperty("lastError").GetString()
                    : null;
            }
        );
        var page = await server.Http.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.All(messages, message => Assert.Contains(message, error, StringComparison.Ordinal));
        Assert.All(messages, message => Assert.Contains(message, page, StringComparison.Ordinal));
        Assert.Contains("0 of 1 target up", page, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", page, StringComparison.Ordinal);
        Assert.Equal(0, (await server.FederateAsync("up")).Single().Value);
    }
}
