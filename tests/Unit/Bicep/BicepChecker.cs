using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Tributary.Tests.Unit.Bicep;

/// <summary>Runs the checker, which is a script for Node: for the project as it is, and once for all planted mistakes.</summary>
public sealed class BicepChecker
{
    private const int GrammarIsMissing = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(4);
    private static readonly string Script = Path.Combine(Repository.Root, "tests/Unit/Bicep/checker/check.mjs");

    private readonly Lazy<Task<IReadOnlyList<string[]>>> all = new(RunAllAsync);

    /// <summary>The findings with a mistake.</summary>
    internal async Task<string[]> FindingsAsync(int mistake) => (await all.Value)[mistake];

    /// <summary>Runs the script as somebody at a terminal does, for the project as it is.</summary>
    internal static Task<(int ExitCode, string Output)> RunByHandAsync() => RunAsync([], "");

    private static async Task<IReadOnlyList<string[]>> RunAllAsync()
    {
        var overlays = PlantedMistake.All.Select(mistake => new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [mistake.File] = mistake.Text,
        });
        var (exitCode, output) = await RunAsync([Repository.Root, "--overlays"], JsonSerializer.Serialize(overlays));
        Assert.Equal(0, exitCode);
        return JsonSerializer.Deserialize<string[][]>(output)!;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, string input)
    {
        var start = new ProcessStartInfo("node", [Script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Start(start);
        using var late = new CancellationTokenSource(Timeout);
        await using var kill = late.Token.Register(() => node.Kill());
        var output = node.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = node.StandardError.ReadToEndAsync(CancellationToken.None);
        await node.StandardInput.WriteAsync(input.AsMemory(), late.Token);
        node.StandardInput.Close();
        await node.WaitForExitAsync(CancellationToken.None);
        if (node.ExitCode == GrammarIsMissing)
        {
            Missing(await error);
        }
        Assert.Equal("", await error);
        return (node.ExitCode, await output);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Missing("Node is not installed: https://nodejs.org, 20 or later");
            throw;
        }
    }

    private static void Missing(string reason)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") is { Length: > 0 }, reason);
        Assert.Skip(reason);
    }
}
