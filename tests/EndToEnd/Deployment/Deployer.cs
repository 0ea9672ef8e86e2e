using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit;

namespace Tributary.Tests.EndToEnd.Deployment;

/// <summary>Runs <c>infra/deploy</c> with the double of the Azure CLI, which remembers between runs what is there.</summary>
internal sealed class Deployer : IDisposable
{
    public const string Subscription = "99999999-8888-7777-6666-555555555555";
    private const string Name = "ttt";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly string executable;
    private readonly string package;

    private Deployer(string executable, string package)
    {
        this.executable = executable;
        this.package = package;
        Directory.CreateDirectory(State);
        Remember("subscription", Subscription + "\n");
        Remember("settings", "AzureWebJobsDisableHomepage\nTRIBUTARY_CONFIG\n");
        Remember("url", "http://127.0.0.1:1\n");
        var bin = folder.Folder("bin");
        File.CreateSymbolicLink(
            Path.Combine(bin, "az"),
            Path.Combine(Repository.Root, "tests", "EndToEnd", "Deployment", "az")
        );
    }

    /// <summary>What the double knows.</summary>
    private string State => Path.Combine(folder.Path, "azure");

    /// <summary>What was called so far, a line each.</summary>
    public IReadOnlyList<string> Calls =>
        File.Exists(Path.Combine(State, "calls")) ? File.ReadAllLines(Path.Combine(State, "calls")) : [];

    public static async Task<Deployer> CreateAsync(TributaryExecutable executable) =>
        new(await executable.PathAsync(), await executable.PackageAsync());

    /// <summary>Lets the double refuse calls that begin with words, so often.</summary>
    public void Refuse(string beginning, string message, int times = 1) =>
        File.AppendAllText(Path.Combine(State, "rules"), $"{times}|{beginning}|{message}\n");

    /// <summary>Sets what the double knows.</summary>
    public void Remember(string name, string text)
    {
        var path = Path.Combine(State, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>What the double knows; null when it does not.</summary>
    public string? Recall(string name) =>
        File.Exists(Path.Combine(State, name)) ? File.ReadAllText(Path.Combine(State, name)) : null;

    /// <summary>The bytes of what the double knows.</summary>
    public byte[] RecallBytes(string name) => File.ReadAllBytes(Path.Combine(State, name));

    /// <summary>Forgets which calls there were.</summary>
    public void ForgetCalls() => File.Delete(Path.Combine(State, "calls"));

    /// <summary>Writes a file of the operator's.</summary>
    public string Write(string name, string text) => folder.Write(name, text);

    /// <summary>Runs it to its end, with short pauses.</summary>
    public async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        Requirement.Program("curl", "curl");
        string[] all =
        [
            "-c",
            // Whom the double ends when it is told to.
            "echo $$ >\"$FAKE_AZ/deploy.pid\"; exec \"$0\" \"$@\"",
            Path.Combine(Repository.Root, "infra", "deploy"),
            "--name",
            Name,
            "--location",
            "West Europe",
            "--parameters",
            folder.Write("team.parameters.json", "{}"),
            "--package",
            package,
            "--tributary",
            executable,
            "--pause",
            "0",
            "--role-wait",
            "1",
            "--start-wait",
            "1",
            .. arguments,
        ];
        var path = Environment.GetEnvironmentVariable("PATH");
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FAKE_AZ"] = State,
            ["PATH"] = $"{Path.Combine(folder.Path, "bin")}:{path}",
        };
        var (code, output, errors) = await ChildProcess.RunAsync("bash", all, folder.Path, Limit, variables);
        return (code, $"{output}\n{errors}");
    }

    public void Dispose() => folder.Dispose();
}
