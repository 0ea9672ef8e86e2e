using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions;

public sealed class SourceCommandTests : IDisposable
{
    private const string Config = """
        scrape_configs:
          - job_name: federate
            honor_labels: true
            metrics_path: /federate
            params: {'match[]': [up], token: [hidden-hidden]}
            static_configs:
              - targets: ['prometheus-a:9090', 'prometheus-b:9090']
          - job_name: node
            static_configs:
              - targets: ['prometheus-a:9100']
        tributary:
          jobs:
            federate: {pull: remote_read, split: never}
        """;

    private readonly TestFolder folder = new();

    public SourceCommandTests() => Directory.CreateDirectory(folder.Path);

    public static TheoryData<string, string> Names { get; } =
        new()
        {
            { "node", "prometheus-a:9100" },
            { "prometheus-b:9090", "prometheus-b:9090" },
            { "federate/prometheus-a", "prometheus-a:9090" },
            { "9100", "prometheus-a:9100" },
        };

    public static TheoryData<string, string[]> NamesOfNone { get; } =
        new()
        {
            { "federate", ["means 2 sources", "\n  federate/prometheus-a:9090/", "\n  federate/prometheus-b:9090/"] },
            { "prometheus-a", ["means 2 sources"] },
            { "nodes", ["there is no source \"nodes\"; did you mean node?"] },
            { "something", ["there is no source \"something\"; tributary source ls lists what there is."] },
            { "", ["there is no source \"\""] },
        };

    [Fact]
    public async Task List_Configuration_HasALineForEachSource()
    {
        var (code, output, error) = await RunAsync(new SourceRequest(SourceRequest.List), Config);
        Assert.Equal((ExitCode.Done, ""), (code, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal(["JOB", "INSTANCE", "URL", "PULL", "SPLIT", "REPLICAS", "KEY"], Columns(lines[0]));
        Assert.Equal(
            ["federate", "prometheus-a:9090", "http://prometheus-a:9090/federate", "remote_read", "never", "-"],
            Columns(lines[1])[..^1]
        );
        Assert.Equal(
            ["node", "prometheus-a:9100", "http://prometheus-a:9100/metrics", "-", "-", "-"],
            Columns(lines[3])[..^1]
        );
        Assert.Equal("3 sources", lines[4]);
        Assert.DoesNotContain("hidden", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_BrokenConfiguration_PointsToTheCheck()
    {
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new SourceRequest(SourceRequest.List), "globl: {}")
        );
        Assert.Contains("tributary check config explains", error.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean global?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_WithoutConfiguration_SaysHowToNameOne()
    {
        var command = new SourceCommand(
            Settings(null),
            new SourceRequest(SourceRequest.List),
            Console.Out,
            Console.Error
        );
        var error = await Assert.ThrowsAsync<CommandException>(command.RunAsync);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains("--config FILE", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_NameOfOneSource_IsThatSource(string name, string instance) =>
        Assert.Equal(instance, Assert.Single(SourceCommand.Find(Sources(), name)).Labels.Get("instance"));

    [Theory]
    [MemberData(nameof(NamesOfNone))]
    public void Find_AnyOtherName_NamesCandidates(string name, string[] parts)
    {
        var error = Assert.Throws<CommandException>(() => SourceCommand.Find(Sources(), name));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Test_SourceThatIsDown_SaysWhyAndEndsWith1()
    {
        var config = "scrape_configs: [{job_name: a, static_configs: [{targets: ['127.0.0.1:1']}]}]";
        var (code, output, _) = await RunAsync(new SourceRequest(SourceRequest.Test, "a"), config);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("verdict     failed: no connection to 127.0.0.1:1", output, StringComparison.Ordinal);
        Assert.Contains("ages        no sample", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trial_Batch_ShowsWhatCame()
    {
        var source = new ScriptedSource();
        var now = ScriptedSource.StartMs;
        var batch = await source.ScrapeAsync(
            $"a{{x=\"1\"}} 1 {now - 20_000}\nb 2 {now - 5_000}\nc 3 {now - 1_000}\nd 4 {now - 1_000}\n"
        );
        var collected = new Collected(batch, new SourceMemory("s") { MetadataError = "no answer" });
        var target = ScriptedSource.Federate(source.Target);
        var lines = SourceText.Trial([target], collected, now).ToList();
        Assert.Contains("source      job/source:1/0", lines);
        Assert.Contains("url         http://source:1/federate", lines);
        Assert.Contains("verdict     complete", lines);
        Assert.Contains("series      4", lines);
        Assert.Contains("ages        newest 1.0 s, median 1.0 s, oldest 20.0 s", lines);
        Assert.Contains("labels      a{instance=\"source:1\", job=\"job\", x=\"1\"}", lines);
        Assert.Equal(3, lines.Count(line => line.StartsWith("labels", StringComparison.Ordinal)));
        Assert.Contains("metadata    none: no answer", lines);
    }

    public void Dispose() => folder.Dispose();

    private static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static List<IReadOnlyList<Target>> Sources() =>
        [.. TargetDiscovery.Discover(ConfigReader.Read(Config, "f")).Select(target => new[] { target })];

    private Settings Settings(string? config) =>
        new()
        {
            Config = config,
            Storage = "local:" + Path.Combine(folder.Path, "data"),
            Listen = ListenAddress.Parse(":0"),
        };

    private async Task<(int Code, string Output, string Error)> RunAsync(SourceRequest request, string config)
    {
        var file = Path.Combine(folder.Path, "t.yml");
        await File.WriteAllTextAsync(file, config, TestContext.Current.CancellationToken);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await new SourceCommand(Settings(file), request, output, error).RunAsync();
        return (code, output.ToString(), error.ToString());
    }
}
