using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Jobs;
using static Tributary.Tests.Unit.Jobs.BlocksPlace;

namespace Tributary.Tests.Unit.Functions;

public sealed class BlocksCommandTests : IDisposable
{
    private readonly BlocksPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Verbs_OverAnImportedBlock_SayWhatIsThere()
    {
        var source = await place.AddForeignAsync(1);
        var (code, text, error) = await RunAsync(new BlocksRequest("import", Folder: place.Data));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"{source}  imported as ", text, StringComparison.Ordinal);
        Assert.EndsWith("1 imported, 0 were there already, 0 not taken\n", text, StringComparison.Ordinal);
        (_, text, _) = await RunAsync(new BlocksRequest("import", Folder: place.Data));
        Assert.EndsWith("0 imported, 1 were there already, 0 not taken\n", text, StringComparison.Ordinal);
        using var list = await JsonAsync(new BlocksRequest("ls", IsJson: true));
        var ulid = list.RootElement.GetProperty("blocks")[0].GetProperty("ulid").GetString()!;
        Assert.Equal(20, list.RootElement.GetProperty("blocks")[0].GetProperty("numSeries").GetInt64());
        (code, text, _) = await RunAsync(new BlocksRequest("ls"));
        Assert.Equal(0, code);
        Assert.Contains(ulid, text, StringComparison.Ordinal);
        Assert.Contains("1 live blocks", text, StringComparison.Ordinal);
        (_, text, _) = await RunAsync(new BlocksRequest("inspect", ulid.ToLowerInvariant()));
        Assert.Contains($"parents  {source}", text, StringComparison.Ordinal);
        Assert.Contains("file     chunks/000001 ", text, StringComparison.Ordinal);
        using var inspected = await JsonAsync(new BlocksRequest("inspect", ulid, IsJson: true));
        Assert.Equal(ulid, inspected.RootElement.GetProperty("meta").GetProperty("ulid").GetString());
        (code, text, _) = await RunAsync(new BlocksRequest("verify", ulid));
        Assert.Equal(0, code);
        Assert.EndsWith("1 blocks, 0 with problems\n", text, StringComparison.Ordinal);
        using var verified = await JsonAsync(new BlocksRequest("verify", IsJson: true));
        Assert.Equal(0, verified.RootElement[0].GetProperty("problems").GetArrayLength());
        (_, text, _) = await RunAsync(new BlocksRequest("rebuild-manifest"));
        Assert.EndsWith("Nothing was changed: add --yes to do it.\n", text, StringComparison.Ordinal);
        using var rebuilt = await JsonAsync(new BlocksRequest("rebuild-manifest", IsJson: true, IsYes: true));
        Assert.False(rebuilt.RootElement.GetProperty("isDryRun").GetBoolean());
        using var garbage = await JsonAsync(new BlocksRequest("gc", IsJson: true));
        Assert.True(garbage.RootElement.GetProperty("isDryRun").GetBoolean());
        (_, text, _) = await RunAsync(new BlocksRequest("gc"));
        Assert.EndsWith("Nothing was changed: add --yes to do it.\n", text, StringComparison.Ordinal);
        (code, text, error) = await RunAsync(new BlocksRequest("download", ulid, place.Out));
        Assert.Equal(0, code);
        Assert.Contains(" bytes\n", text, StringComparison.Ordinal);
        Assert.Contains("promtool tsdb dump", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compact_MergesWhatIsDue_AndSaysSo()
    {
        for (var number = 1; number <= 8; number++)
        {
            await place.AddForeignAsync(number);
        }
        await RunAsync(new BlocksRequest("import", Folder: place.Data));
        var before = await place.DumpAsync();
        using var one = await JsonAsync(new BlocksRequest("compact", IsJson: true, IsOne: true));
        Assert.Equal(1, one.RootElement.GetProperty("merges").GetInt32());
        Assert.True(one.RootElement.GetProperty("isUnfinished").GetBoolean());
        var made = Assert.Single(one.RootElement.GetProperty("made").EnumerateArray());
        Assert.Equal(2, made.GetProperty("level").GetInt32());
        var (code, text, _) = await RunAsync(new BlocksRequest("compact"));
        Assert.Equal(0, code);
        Assert.Contains("0 blocks made of the log, ", text, StringComparison.Ordinal);
        (_, text, _) = await RunAsync(new BlocksRequest("compact"));
        Assert.Equal("0 blocks made of the log, 0 of blocks\n", text);
        // Years old, and no retention takes them.
        Assert.Equal(before, await place.DumpAsync());
    }

    [Theory]
    [InlineData("nowhere", "there is no folder")]
    [InlineData("file", "is a file")]
    [InlineData("empty", "has no block: a block is a folder")]
    [InlineData("log", "has no block yet, only a log")]
    [InlineData("misnamed", "is not named as a block")]
    public async Task Import_OfAWrongFolder_SaysWhatToDo(string kind, string problem)
    {
        var folder = Path.Combine(place.Data, kind);
        switch (kind)
        {
            case "file":
                await File.WriteAllTextAsync(folder, "", Token);
                break;
            case "empty":
                Directory.CreateDirectory(folder);
                break;
            case "log":
                Directory.CreateDirectory(Path.Combine(folder, "wal"));
                await File.WriteAllTextAsync(Path.Combine(folder, "wal", "00000000"), "", Token);
                break;
            case "misnamed":
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "meta.json"), "{}", Token);
                break;
            default:
                break;
        }
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new BlocksRequest("import", Folder: folder))
        );
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect", "nonsense", ExitCode.Usage, "is no block: a ULID has 26")]
    [InlineData("inspect", "01HF2K4C7Z0000000000000000", ExitCode.Failed, "there is no block 01HF2K4C7Z")]
    [InlineData("verify", "01HF2K4C7Z0000000000000000", ExitCode.Failed, "'tributary blocks ls' lists")]
    [InlineData("download", "01HF2K4C7Z0000000000000000", ExitCode.Failed, "there is no block 01HF2K4C7Z")]
    public async Task Verb_OfAnUnknownBlock_SaysWhatToDo(string verb, string ulid, int code, string problem)
    {
        await place.AddForeignAsync(1);
        await RunAsync(new BlocksRequest("import", Folder: place.Data));
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new BlocksRequest(verb, ulid, place.Out))
        );
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(code, error.ExitCode);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("verify")]
    [InlineData("compact")]
    [InlineData("gc")]
    [InlineData("rebuild-manifest")]
    public async Task Verb_WithoutAStore_SaysWhere(string verb)
    {
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(new BlocksRequest(verb)));
        Assert.Contains($"there is no store at '{place.Store}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--storage", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.Store));
    }

    private async Task<JsonDocument> JsonAsync(BlocksRequest request)
    {
        var (code, text, _) = await RunAsync(request);
        Assert.Equal(0, code);
        return JsonDocument.Parse(text);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(BlocksRequest request)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var settings = Settings.Resolve(new CommandOptions(Storage: $"local:{place.Store}"), _ => null, _ => false);
        var command = new BlocksCommand(settings, request, output, error) { ShowsProgress = false };
        var code = await command.RunAsync();
        return (code, output.ToString(), error.ToString());
    }
}
