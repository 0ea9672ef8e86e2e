using System.Runtime.InteropServices;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit;

[assembly: AssemblyFixture(typeof(TributaryExecutable))]

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>The executable as users get it, published by the first test that asks for it.</summary>
public sealed class TributaryExecutable
{
    private const string Runtime = "linux-x64";

    /// <summary>The first time it has to restore packages.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Lazy<Task<string>> path;

    public TributaryExecutable() => path = new(PublishAsync);

    /// <summary>The path of the executable.</summary>
    public Task<string> PathAsync()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Requirement.Missing($"the end-to-end tests run the executable for {Runtime}: run them on such a machine");
        }
        return path.Value;
    }

    /// <summary>
    /// Publishes with folders for intermediate files of its own: other builds of the same projects may run meanwhile.
    /// </summary>
    private static async Task<string> PublishAsync()
    {
        var artifacts = Path.Combine(Repository.Root, "artifacts", "EndToEnd");
        string[] arguments =
        [
            "publish",
            "functions/Tributary.Functions.csproj",
            "--configuration",
            "Release",
            "--runtime",
            Runtime,
            "--self-contained",
            "--artifacts-path",
            artifacts,
            "--verbosity",
            "quiet",
            "-nodeReuse:false",
            "-p:UseSharedCompilation=false",
        ];
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var (code, output, errors) = await ChildProcess.RunAsync(dotnet, arguments, Repository.Root, Longest);
        Assert.True(code == 0, $"dotnet publish ended with {code}:\n{output}\n{errors}");
        return Path.Combine(artifacts, "publish", "Tributary.Functions", $"release_{Runtime}", "tributary");
    }
}
