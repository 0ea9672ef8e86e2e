using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;
using Tributary.Tests.Unit.HttpClients;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>The doctor as a whole: what it prints, how it ends, and that it ends.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly DoctorPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Doctor_HealthyFolder_EndsWith0AndLeavesItAsItWas()
    {
        Directory.CreateDirectory(place.Data);
        await using var source = await TestServer.StartAsync(context => TestServer.AnswerAsync(context, 200, "m 1\n"));
        var (code, output) = await place.RunAsync(Options($"['127.0.0.1:{source.Port}']"));
        Assert.True(code == ExitCode.Done, output);
        Assert.StartsWith(
            "settings\n  ok        a server of its own; storage local:",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"\nsources\n  ok        a, 127.0.0.1:{source.Port}: answers\n",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("\n0 failures, 0 warnings, ", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Data));
    }

    [Fact]
    public async Task Doctor_Failure_EndsWith1AndSaysWhatToDo()
    {
        var (code, output) = await place.RunAsync(Options("['127.0.0.1:1']"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("\n  failure   a, 127.0.0.1:1: no connection to 127.0.0.1:1", output, StringComparison.Ordinal);
        Assert.Contains("\n            → tributary source test 127.0.0.1:1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_OnlyWarnings_EndsWith3()
    {
        var options = new CommandOptions(
            Config: place.Write("t.yml", "scrape_configs: []"),
            Storage: "local:" + place.Data
        );
        var (code, output) = await place.RunAsync(options);
        Assert.Equal(ExitCode.Warnings, code);
        Assert.Contains("\n  warning   there are no sources", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_Json_HasEveryCheckInOrder()
    {
        var (code, answer) = await place.RunJsonAsync(Options("['127.0.0.1:1']"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(
            CheckNames.All,
            answer.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()!)
        );
        Assert.Equal(1, answer.GetProperty("failure").GetInt32());
        var finding = answer
            .GetProperty("checks")
            .EnumerateArray()
            .SelectMany(check => check.GetProperty("findings").EnumerateArray())
            .Single(one => one.GetProperty("kind").GetString() == "failure");
        Assert.NotEqual("", finding.GetProperty("text").GetString());
        Assert.NotEqual("", finding.GetProperty("advice").GetString());
        Assert.Equal(JsonValueKind.String, answer.GetProperty("storage").ValueKind);
    }

    [Fact]
    public async Task Doctor_SkippedChecks_AreNotMade()
    {
        HashSet<string> skipped = [CheckNames.Sources, CheckNames.Storage];
        var (code, output) = await place.RunAsync(
            Options("['127.0.0.1:1']"),
            request => request with { Skipped = skipped }
        );
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("\nsources\n  skipped   left out by --skip\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_CheckThatHangs_EndsInTimeAndKeepsTheOthers()
    {
        await using var source = await TestServer.StartAsync(context =>
            Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted)
        );
        var (code, output) = await place.RunAsync(
            Options($"['127.0.0.1:{source.Port}']"),
            request => request with { Timeout = TimeSpan.FromSeconds(8) }
        );
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("\nsources\n  failure   it did not end within 4 s", output, StringComparison.Ordinal);
        Assert.Contains("\nmachine\n  ok", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_BrokenConfiguration_ListsItsMistakesAndSkipsWhatNeedsIt()
    {
        var options = new CommandOptions(Config: place.Write("t.yml", "globl: {}"), Storage: "local:" + place.Data);
        var (code, output) = await place.RunAsync(options);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("t.yml:1:1: unknown field \"globl\"; did you mean global?", output, StringComparison.Ordinal);
        Assert.Contains("\nsources\n  skipped   there is no valid configuration\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_SettingsThatCannotBeUsed_SkipsTheRest()
    {
        var (code, output) = await place.RunAsync(new CommandOptions(Storage: "AccountKey=hidden-hidden"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("is none of: local:FOLDER", output, StringComparison.Ordinal);
        Assert.Contains("\nsources\n  skipped   the settings cannot be used\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-hidden", output, StringComparison.Ordinal);
    }

    private CommandOptions Options(string targets) =>
        new(
            Config: place.Write(
                "t.yml",
                $"scrape_configs: [{{job_name: a, static_configs: [{{targets: {targets}}}]}}]"
            ),
            Storage: "local:" + place.Data
        );
}
