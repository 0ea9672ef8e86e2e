using System.Text.Json;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary><c>tributary blocks … --json</c> over a storage.</summary>
/// <param name="executable">The program.</param>
/// <param name="storage">The storage setting.</param>
internal sealed class BlocksCommandLine(string executable, string storage)
{
    /// <summary>Runs a verb that has to end with 0.</summary>
    public async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (code, answer) = await TryAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {answer}");
        return answer;
    }

    /// <summary>Runs a verb.</summary>
    public async Task<(int ExitCode, JsonElement Answer)> TryAsync(params string[] arguments)
    {
        string[] all = ["blocks", .. arguments, "--json", "--storage", storage];
        var (code, output, errors) = await ChildProcess.RunAsync(executable, all, Path.GetTempPath());
        try
        {
            using var document = JsonDocument.Parse(output);
            return (code, document.RootElement.Clone());
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"{string.Join(' ', all[..^2])}: {code}\n{output}\n{errors}");
        }
    }

    /// <summary>The blocks that count.</summary>
    public async Task<IReadOnlyList<JsonElement>> LiveAsync() =>
        [
            .. (await RunAsync("ls"))
                .GetProperty("blocks")
                .EnumerateArray()
                .Where(block => block.GetProperty("state").GetString() == "live"),
        ];

    /// <summary>Downloads all blocks that count.</summary>
    /// <returns>Their names.</returns>
    public async Task<IReadOnlyList<string>> DownloadAsync(string folder)
    {
        var names = new List<string>();
        foreach (var block in await LiveAsync())
        {
            names.Add(block.GetProperty("ulid").GetString()!);
            await RunAsync("download", names[^1], folder);
        }
        return names;
    }
}
