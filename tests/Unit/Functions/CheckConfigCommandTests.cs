using System.Text;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions;

public sealed class CheckConfigCommandTests : IDisposable
{
    private readonly TestFolder folder = new();

    public CheckConfigCommandTests() => Directory.CreateDirectory(folder.Path);

    [Theory]
    [InlineData("scrape_configs: []", 0, "F: valid\n", "")]
    [InlineData(
        "otlp: {promote_scope_metadata: true}",
        3,
        "F: valid, 1 warning\n",
        "F:1:7: warning: otlp is checked, but not served yet\n"
    )]
    [InlineData("globl: {}", 1, "F: not valid, 1 error\n", "F:1:1: unknown field \"globl\"; did you mean global?\n")]
    public async Task Check_File_PrintsFindingsAndVerdict(string text, int code, string output, string error)
    {
        var file = Write("t.yml", text);
        Assert.Equal(
            (
                code,
                output.Replace("F", file, StringComparison.Ordinal),
                error.Replace("F", file, StringComparison.Ordinal)
            ),
            await RunAsync(file)
        );
    }

    [Fact]
    public async Task Check_FileInLatin1_SaysWhichByteIsNoUtf8()
    {
        var file = $"{folder.Path}/t.yml";
        var latin = Encoding.Latin1.GetBytes("# ä\nscrape_configs: []");
        await File.WriteAllBytesAsync(file, latin, TestContext.Current.CancellationToken);
        const string Problem = "line 1, column 3: the byte 0xE4";
        var refusal = await Assert.ThrowsAsync<CommandException>(() => RunAsync(file));
        Assert.Contains($"'{file}' cannot be read: {Problem}", refusal.Message, StringComparison.Ordinal);
        var including = Write("main.yml", "scrape_config_files: [t.yml]");
        var (code, _, error) = await RunAsync(including);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(Problem, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task Check_FileWithAByteOrderMark_IsReadAsThatSays(string encoding)
    {
        var file = $"{folder.Path}/t.yml";
        var name = Encoding.GetEncoding(encoding);
        await File.WriteAllTextAsync(file, "scrape_configs: [] # ä", name, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, (await RunAsync(file)).Code);
    }

    [Fact]
    public async Task Check_CertificateThatCannotBeServed_IsAnError()
    {
        var file = Write("t.yml", "tributary: {web: {tls_server_config: {cert_file: no.pem, key_file: no.pem}}}");
        var (code, output, error) = await RunAsync(file, Write("good.yml", "scrape_configs: []"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal($"{file}: not valid, 1 error\n{folder.Path}/good.yml: valid\n", output);
        Assert.StartsWith($"{file}: tributary.web: tls_server_config: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scrape_configs: []", ExitCode.Failed)]
    [InlineData("tributary: {web: {users: {}}}", ExitCode.Failed)]
    [InlineData("tributary: {web: {bearer_tokens: ['${env:PATH}']}}", ExitCode.Done)]
    public async Task Check_FunctionApp_NeedsCredentials(string text, int code)
    {
        isFunctionApp = true;
        var file = Write("t.yml", text);
        var (actual, output, error) = await RunAsync(file);
        Assert.Equal(code, actual);
        Assert.Equal(code == ExitCode.Done ? $"{file}: valid\n" : $"{file}: not valid, 1 error\n", output);
        Assert.Equal(code != ExitCode.Done, error.Contains("hash-password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_SeveralFiles_EndsWithTheWorst()
    {
        var good = Write("good.yml", "scrape_configs: []");
        var (code, output, error) = await RunAsync(good, folder.Path, Path.Combine(folder.Path, "none.yml"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal($"{good}: valid\n{folder.Path}: not checked\n{folder.Path}/none.yml: not checked\n", output);
        Assert.Contains($"'{folder.Path}' is a folder", error, StringComparison.Ordinal);
        Assert.Contains("none.yml' does not exist", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Folder_SaysThatItIsOne()
    {
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(folder.Path));
        Assert.Contains("is a folder; name a file in it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NoFile_TakesTheOneOfTheSettings()
    {
        config = Write("t.yml", "scrape_configs: []");
        Assert.Equal((0, $"{config}: valid\n", ""), await RunAsync());
        config = null;
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync());
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains("check config FILE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Agent_RefusesRules()
    {
        isAgent = true;
        var (code, _, error) = await RunAsync(Write("t.yml", "rule_files: [a]"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("rule_files is not allowed in agent mode", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Blob_ReadsItsScrapeConfigFilesFromTheStore()
    {
        var blobs = new LocalBlobStore(Path.Combine(folder.Path, "data"), TimeProvider.System);
        await PutAsync("config/t.yml", "scrape_config_files: ['jobs/*.yml']");
        await PutAsync("config/jobs/a.yml", "scrape_configs: [{job_name: a}]");
        await PutAsync("config/jobs/b.yml", "scrape_configs: [{job_name: a}]");
        var (code, output, error) = await RunAsync("blob:config/t.yml");
        Assert.Equal((1, "blob:config/t.yml: not valid, 1 error\n"), (code, output));
        Assert.Equal(
            "blob:config/jobs/b.yml:1:29: job_name \"a\" is used twice: here and in blob:config/jobs/a.yml:1\n",
            error
        );

        async Task PutAsync(string name, string text) =>
            await blobs.WriteAsync(
                name,
                System.Text.Encoding.UTF8.GetBytes(text),
                Tributary.Stores.WriteCondition.None,
                TestContext.Current.CancellationToken
            );
    }

    public void Dispose() => folder.Dispose();

    private string? config;
    private bool isAgent;
    private bool isFunctionApp;

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.Path, name);
        File.WriteAllText(file, text);
        return file;
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] files)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var settings = new Settings
        {
            Config = config,
            Storage = "local:" + Path.Combine(folder.Path, "data"),
            Listen = ListenAddress.Parse(":0"),
        };
        var code = await CheckConfigCommand.RunAsync(
            () => settings,
            new CheckRequest(files, isAgent, IsLive: false, isFunctionApp),
            output,
            error
        );
        return (code, output.ToString(), error.ToString());
    }
}
