using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions;

public sealed class ExportCommandTests : IDisposable
{
    private const string At = "2026-01-02T03:04:05Z";
    private readonly TestFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_IsRun_ListedAndShown()
    {
        var file = Path.Combine(folder.Path, "out", "e-2026-01-02.csv");
        var (code, output, error) = await RunAsync(new ExportRequest(ExportRequest.Run, "E", At), showsProgress: true);
        Assert.Equal((ExitCode.Done, $"e {At}: {file}: 1 rows, 43 bytes\n"), (code, output));
        Assert.Contains("reading [", error, StringComparison.Ordinal);
        Assert.EndsWith("\r", error, StringComparison.Ordinal);
        Assert.Equal("timestamp,value\n2026-01-02T03:04:05.000Z,1\n", await File.ReadAllTextAsync(file, Token));
        (code, output, _) = await RunAsync(new ExportRequest(ExportRequest.Run, "e", At));
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("it was there already, --force writes it again", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(new ExportRequest(ExportRequest.Show, "e"));
        Assert.Equal(await File.ReadAllTextAsync(file + ".manifest.json", Token), output);
        (_, output, _) = await RunAsync(new ExportRequest(ExportRequest.List));
        Assert.Contains($"  {At}  complete ", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(new ExportRequest(ExportRequest.List, IsJson: true));
        using var document = JsonDocument.Parse(output);
        var run = document.RootElement.GetProperty("exports")[0].GetProperty("runs")[0];
        Assert.Equal((file, 43), (run.GetProperty("output").GetString(), run.GetProperty("bytes").GetInt32()));
    }

    [Theory]
    [InlineData(ExportRequest.Run, "other", null, "there is no export 'other': the configuration has e")]
    [InlineData(ExportRequest.Run, "e", "soon", "--at is no time of the past: 'soon'")]
    [InlineData(ExportRequest.Run, "e", "9999999999", "--at is no time of the past")]
    [InlineData(ExportRequest.Show, "e", null, "e has no output yet: 'tributary export run e' makes one")]
    public async Task Mistakes_AreNamed(string verb, string name, string? at, string problem)
    {
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(new ExportRequest(verb, name, at)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_ThatIsBroken_IsNamedBeforeAStoreThatIsNotThereYet()
    {
        Directory.CreateDirectory(folder.Path);
        var config = Path.Combine(folder.Path, "tributary.yml");
        await File.WriteAllTextAsync(config, "tributary: {exports: [{nmae: e}]}", Token);
        await using var output = new StringWriter();
        var settings = new Settings
        {
            Config = config,
            Storage = "local:" + Path.Combine(folder.Path, "none"),
            Listen = ListenAddress.Parse(ListenAddress.Default),
        };
        var broken = new ExportCommand(settings, new ExportRequest(ExportRequest.Run, "e"), output, output);
        var error = await Assert.ThrowsAsync<CommandException>(broken.RunAsync);
        Assert.Contains("did you mean name?", error.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(config, "tributary: {}", Token);
        error = await Assert.ThrowsAsync<CommandException>(broken.RunAsync);
        Assert.Contains("there is no store at", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private async Task<(int Code, string Output, string Error)> RunAsync(
        ExportRequest request,
        bool showsProgress = false
    )
    {
        Directory.CreateDirectory(folder.Path);
        var config = Path.Combine(folder.Path, "tributary.yml");
        await File.WriteAllTextAsync(
            config,
            "tributary: {exports: [{name: e, interval: 1h, query: 'vector(1)', destination: 'file:out/{name}-{date}.csv'}]}",
            Token
        );
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var settings = new Settings
        {
            Config = config,
            Storage = "local:" + folder.Path,
            Listen = ListenAddress.Parse(ListenAddress.Default),
        };
        var command = new ExportCommand(settings, request, output, error) { ShowsProgress = showsProgress };
        return (await command.RunAsync(), output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }
}
