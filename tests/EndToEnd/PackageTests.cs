using System.IO.Compression;
using System.Text.RegularExpressions;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// What <c>infra/package</c> makes, out of which all tests of this project run; and what the README says of deploying it.
/// </summary>
public sealed partial class PackageTests(TributaryExecutable executable) : IDisposable
{
    private const string Handler = "tributary";
    private const int PlainFile = 0x81A4;
    private const int ExecutableFile = 0x81ED;
    private const string Placeholder = "REPLACE-BY-THE-HASH";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Package_IsTheFunctionAppAndNothingElse()
    {
        await using var zip = await ZipFile.OpenReadAsync(
            await executable.PackageAsync(),
            TestContext.Current.CancellationToken
        );
        var names = zip.Entries.Select(entry => entry.FullName).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        var functions = Path.Combine(Repository.Root, "functions");
        Assert.Equal(
            Directory
                .EnumerateFiles(functions, "function.json", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(functions, file))
                .Where(file => file.Count(c => c == '/') == 1)
                .Order(StringComparer.Ordinal),
            names.Where(name => name.EndsWith("function.json", StringComparison.Ordinal))
        );
        Assert.Contains("host.json", names);
        string[] foreign = [".pdb", ".xml", ".yml", ".dbg", "local.settings.json", "createdump", "resources.dll"];
        Assert.DoesNotContain(
            names,
            name => foreign.Any(suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
        );
        Assert.All(
            zip.Entries,
            entry =>
                Assert.Equal(
                    entry.FullName == Handler ? ExecutableFile : PlainFile,
                    (int)((uint)entry.ExternalAttributes >> 16)
                )
        );
    }

    [Fact]
    public async Task Package_ThatWasUnpacked_SaysItsVersion()
    {
        var (code, output, errors) = await ChildProcess.RunAsync(
            await executable.PathAsync(),
            ["--version"],
            folder.Path
        );
        Assert.True(code == 0, errors);
        var facts = await File.ReadAllTextAsync(
            Path.ChangeExtension(await executable.PackageAsync(), ".txt"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains($"version={output.Trim()}\n", facts, StringComparison.Ordinal);
        Assert.Matches("(?m)^glibc=2\\.[0-9]+$", facts);
    }

    [Fact]
    public async Task Example_WithAHash_IsAConfigurationOfAFunctionApp()
    {
        var path = await executable.PathAsync();
        var text = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "infra", "examples", "azure", "tributary.yml"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains(Placeholder, text, StringComparison.Ordinal);
        string[] check = ["check", "config", "--function-app"];
        var raw = await ChildProcess.RunAsync(path, [.. check, folder.Write("raw.yml", text)], folder.Path);
        Assert.Equal(1, raw.ExitCode);
        Assert.Contains("hash-password", raw.Errors, StringComparison.Ordinal);

        const string Hash = $"printf 'correct horse' | \"$0\" hash-password";
        var hash = await ChildProcess.RunAsync("bash", ["-c", Hash, path], folder.Path);
        var mended = folder.Write(
            "mended.yml",
            text.Replace(Placeholder, hash.Output.Trim(), StringComparison.Ordinal)
        );
        var (code, output, errors) = await ChildProcess.RunAsync(path, [.. check, mended], folder.Path);
        Assert.True(code == 0, $"{output}\n{errors}");
    }

    [Fact]
    public async Task Readme_DeploymentSection_NamesOnlyWhatTheScriptsKnow()
    {
        var readme = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "README.md"),
            TestContext.Current.CancellationToken
        );
        var begin = readme.IndexOf("\n## Deploy to Azure", StringComparison.Ordinal);
        Assert.True(begin >= 0, "the README has no section about deployment");
        var section = readme[begin..readme.IndexOf("\n## ", begin + 1, StringComparison.Ordinal)];
        var commands = Command().Matches(section);
        Assert.Contains(commands, command => command.Groups[1].Value == "deploy");
        foreach (Match command in commands)
        {
            var script = Path.Combine(Repository.Root, "infra", command.Groups[1].Value);
            var (code, help, _) = await ChildProcess.RunAsync(script, ["--help"], folder.Path);
            Assert.Equal(0, code);
            foreach (var option in Option().Matches(command.Groups[2].Value).Select(match => match.Value))
            {
                Assert.Contains(option, help, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Dockerfile_PinsItsImagesAndRunsAsNobodySpecial()
    {
        var container = Path.Combine(Repository.Root, "infra", "container");
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(container, "Dockerfile"),
            TestContext.Current.CancellationToken
        );
        var bases = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, bases.Count);
        Assert.All(bases, line => Assert.Matches("mcr\\.microsoft\\.com/dotnet/[a-z-]+:10\\.0-noble", line));
        Assert.Contains("USER 1654:1654", lines);
        Assert.Contains($"ENTRYPOINT [\"/app/{Handler}\"]", lines);
        var kept = await File.ReadAllLinesAsync(
            Path.Combine(container, "Dockerfile.dockerignore"),
            TestContext.Current.CancellationToken
        );
        Assert.All(
            kept.Where(line => line.StartsWith('!')),
            line => Assert.True(Path.Exists(Path.Combine(Repository.Root, line[1..])), line)
        );
        // What a build reads from above the two folders.
        string[] needed = ["core", "functions", "Directory.Build.props", "Directory.Packages.props", "global.json"];
        Assert.All(needed, name => Assert.Contains("!" + name, kept));
    }

    public void Dispose() => folder.Dispose();

    [GeneratedRegex("(?m)^infra/([a-z]+)(.*)$", RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex("--[a-z-]+", RegexOptions.NonBacktracking)]
    private static partial Regex Option();
}
