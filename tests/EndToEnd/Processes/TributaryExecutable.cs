using System.IO.Compression;
using System.Runtime.InteropServices;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit;

[assembly: AssemblyFixture(typeof(TributaryExecutable))]

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>
/// The executable as it is deployed: out of the zip that <c>infra/package</c> makes, for the first test that asks for it.
/// </summary>
public sealed class TributaryExecutable
{
    private const string Runtime = "linux-x64";
    private const string Name = "tributary";

    /// <summary>The first time it has to restore packages.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Lazy<Task<string>> package;
    private readonly Lazy<Task<string>> path;

    public TributaryExecutable()
    {
        package = new(PackAsync);
        path = new(UnpackAsync);
    }

    /// <summary>Its own folder for intermediate files: other builds of the same projects may run meanwhile.</summary>
    private static string Work { get; } = Path.Combine(Repository.Root, "artifacts", "EndToEnd");

    /// <summary>The path of the executable; the function app is beside it.</summary>
    public Task<string> PathAsync() => Required(path);

    /// <summary>The path of the zip.</summary>
    public Task<string> PackageAsync() => Required(package);

    private static Task<string> Required(Lazy<Task<string>> what)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Requirement.Missing($"the end-to-end tests run the executable for {Runtime}: run them on such a machine");
        }
        return what.Value;
    }

    private static async Task<string> PackAsync()
    {
        var zip = Path.Combine(Work, $"{Name}-{Runtime}.zip");
        string[] arguments = [Path.Combine(Repository.Root, "infra", "package"), "--work", Work, "--output", zip];
        var (code, output, errors) = await ChildProcess.RunAsync("bash", arguments, Repository.Root, Longest);
        Assert.True(code == 0, $"infra/package ended with {code}:\n{output}\n{errors}");
        return zip;
    }

    private async Task<string> UnpackAsync()
    {
        var zip = await package.Value;
        var folder = Path.Combine(Work, "unpacked");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        await ZipFile.ExtractToDirectoryAsync(zip, folder, CancellationToken.None);
        return Path.Combine(folder, Name);
    }
}
