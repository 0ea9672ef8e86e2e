using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;
using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>A machine of its own: a folder, an environment, a disk.</summary>
internal sealed class DoctorPlace : IDisposable
{
    private readonly TestFolder folder = new();

    public DoctorPlace() => Directory.CreateDirectory(folder.Path);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Folder => folder.Path;

    public string Data => Path.Combine(folder.Path, "data");

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes a file, and says where it is.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The settings of a server of its own.</summary>
    public Settings Settings(string? storage = null, string listen = "127.0.0.1:0", FunctionsHost? host = null) =>
        new()
        {
            Config = null,
            Storage = storage ?? "local:" + Data,
            Listen = ListenAddress.Parse(listen),
            Host = host,
        };

    /// <summary>Runs the doctor.</summary>
    public async Task<(int Code, string Output)> RunAsync(
        CommandOptions options,
        Func<DoctorRequest, DoctorRequest>? change = null,
        string input = ""
    )
    {
        await using var output = new StringWriter { NewLine = "\n" };
        using var reader = new StringReader(input);
        var surroundings = new Surroundings(Environment, TimeProvider.System)
        {
            SetVariable = (_, _) => { },
            MemoryBytes = 4L << 30,
            Disk = _ => (10L << 30, 20L << 30),
        };
        var command = new DoctorCommand(
            options,
            (change ?? (same => same))(DoctorRequest.Default),
            surroundings,
            output
        )
        {
            Input = reader,
        };
        var code = await command.RunAsync(Token);
        return (code, output.ToString());
    }

    /// <summary>Runs the doctor, and reads what it found.</summary>
    public async Task<(int Code, JsonElement Answer)> RunJsonAsync(CommandOptions options)
    {
        var (code, output) = await RunAsync(options, request => request with { IsJson = true });
        using var document = JsonDocument.Parse(output);
        return (code, document.RootElement.Clone());
    }

    /// <summary>Lets a check look.</summary>
    public static async Task<IReadOnlyList<Finding>> LookAsync(Func<FindingList, Task> check)
    {
        var findings = new FindingList();
        await check(findings);
        return findings.All;
    }

    public void Dispose() => folder.Dispose();
}
