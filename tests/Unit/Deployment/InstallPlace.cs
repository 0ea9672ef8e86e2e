using System.Globalization;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>
/// A machine in a folder, into which <c>infra/local/install</c> installs; programs that would change the real machine are
/// stand-ins that write down what they were asked for.
/// </summary>
internal sealed class InstallPlace : IDisposable
{
    /// <summary>A stand-in for Tributary that takes every configuration.</summary>
    public const string Good = "#!/bin/sh\nexit 0\n";

    /// <summary>One that takes no configuration.</summary>
    public const string Refusing = "#!/bin/sh\necho \"tributary.yml:1:1: $CLUSTERS_PASSWORD\"\nexit 1\n";

    /// <summary>One that ends at once when it is started.</summary>
    public const string Ending = "#!/bin/sh\n# ends\nexit 0\n";

    private readonly string folder = Directory.CreateTempSubdirectory("tributary-install-").FullName;

    public InstallPlace()
    {
        Directory.CreateDirectory(Tools);
        foreach (var name in (string[])["groupadd", "useradd", "userdel", "chown"])
        {
            Tool(name, "");
        }
        Tool("getent", "exit 2");
        Tool("sleep", "");
        // It runs as long as the program is none that ends at once.
        Tool(
            "systemctl",
            """
            case "$1" in is-active) ! grep -q '# ends' "$MACHINE/opt/tributary/current/tributary" ;; esac
            """
        );
    }

    /// <summary>The machine's file system.</summary>
    public string Root => Path.Combine(folder, "root");

    /// <summary>What the stand-ins were asked for, a line each.</summary>
    public IReadOnlyList<string> Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    /// <summary>The files and links, each with what it holds or where it leads.</summary>
    public IReadOnlyList<string> Contents =>
        Directory.Exists(Root)
            ?
            [
                .. Directory
                    .EnumerateFileSystemEntries(Root, "*", new EnumerationOptions { RecurseSubdirectories = true })
                    .Where(path => !path.Contains("/current/", StringComparison.Ordinal))
                    .Select(Describe)
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private static string Script => Path.Combine(Repository.Root, DeploymentFiles.Local, "install");

    private string Tools => Path.Combine(folder, "tools");

    private string CallsFile => Path.Combine(folder, "calls");

    /// <summary>A program to install; its bytes make its release.</summary>
    public string Program(string text)
    {
        var program = Directory.CreateDirectory(Path.Combine(folder, $"app-{text.GetHashCode():x}")).FullName;
        File.WriteAllText(Path.Combine(program, "tributary"), text);
        File.WriteAllText(Path.Combine(program, "host.json"), "{}");
        return program;
    }

    /// <summary>A file of the machine.</summary>
    public string Find(string path) => Path.Combine(Root, path);

    /// <summary>Runs the script over the machine.</summary>
    public Task<(int Code, string Output)> RunAsync(params string[] arguments) =>
        RunRawAsync([.. arguments, "--root", Root]);

    /// <summary>Runs the script.</summary>
    public Task<(int Code, string Output)> RunRawAsync(params string[] arguments)
    {
        Directory.CreateDirectory(Root);
        return ToolRun.RunAsync(
            "/bin/bash",
            [Script, .. arguments],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = $"{Tools}:{Environment.GetEnvironmentVariable("PATH")}",
                ["MACHINE"] = Root,
            }
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Tool(string name, string script)
    {
        var path = Path.Combine(Tools, name);
        File.WriteAllText(path, $"#!/bin/sh\n[ {name} = sleep ] || echo {name} \"$*\" >> '{CallsFile}'\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Describe(string path)
    {
        var name = Path.GetRelativePath(Root, path);
        return new FileInfo(path) is { LinkTarget: { } target } ? $"{name} -> {target}"
            : Directory.Exists(path) ? $"{name}/"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name} {File.GetUnixFileMode(path)} {File.GetLastWriteTimeUtc(path):O} {File.ReadAllText(path)}"
            );
    }
}
