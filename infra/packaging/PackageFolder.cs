using System.Text.Json;

namespace Tributary.Packaging;

/// <summary>A published folder that was looked at: what it holds is a function app, and nothing else.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Files">The paths of its files below it, with slashes, in the order of their UTF-8 bytes.</param>
/// <param name="Handler">The file that the host starts, which alone is executable.</param>
/// <param name="Glibc">The newest version of glibc that any file needs.</param>
internal sealed record PackageFolder(string Path, IReadOnlyList<string> Files, string Handler, Version Glibc)
{
    private const string HostFile = "host.json";
    private const string FunctionFile = "function.json";

    /// <summary>What belongs beside the handler; all else is somebody's settings, symbols, or an accident.</summary>
    private static readonly string[] Belonging = [".dll", ".so", ".deps.json", ".runtimeconfig.json"];

    /// <summary>Looks at a folder.</summary>
    /// <exception cref="PackageException">It is no function app, or holds what does not belong; all of it is named.</exception>
    public static PackageFolder Read(string path)
    {
        if (!File.Exists(System.IO.Path.Combine(path, HostFile)))
        {
            throw new PackageException($"{path}: there is no {HostFile}; name a folder that dotnet publish wrote");
        }
        var files = Directory
            .EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(path, file).Replace('\\', '/'))
            .ToList();
        files.Sort(CompareUtf8);
        var handler = ReadHandler(System.IO.Path.Combine(path, HostFile));
        var problems = new List<string>();
        if (!files.Contains(handler, StringComparer.Ordinal))
        {
            problems.Add($"{handler}: {HostFile} names it as the handler, and it is not there");
        }
        problems.AddRange(files.Where(file => !Belongs(file, handler)).Select(file => $"{file}: does not belong here"));
        problems.AddRange(
            files
                .Where(file => System.IO.Path.GetFileName(file) == FunctionFile)
                .Select(file => ProblemOfFunction(path, file))
                .OfType<string>()
        );
        var glibc = ReadImages(path, files, problems);
        return problems.Count == 0
            ? new PackageFolder(path, files, handler, glibc)
            : throw new PackageException($"{path} is not packed:\n  " + string.Join("\n  ", problems));
    }

    /// <summary>As UTF-8 sorts, whatever the machine's language.</summary>
    private static int CompareUtf8(string left, string right) =>
        System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));

    private static bool Belongs(string file, string handler)
    {
        var parts = file.Split('/');
        return parts.Length switch
        {
            1 => file == handler
                || file == HostFile
                || Belonging.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal)),
            // A folder with a second file would be taken for a function of another language.
            2 => parts[1] == FunctionFile,
            _ => false,
        };
    }

    private static string ReadHandler(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var handler = json
                .RootElement.GetProperty("customHandler")
                .GetProperty("description")
                .GetProperty("defaultExecutablePath")
                .GetString();
            return handler is { Length: > 0 }
                ? handler
                : throw new PackageException($"{file}: customHandler.description.defaultExecutablePath is empty");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new PackageException($"{file}: customHandler.description.defaultExecutablePath: {e.Message}");
        }
    }

    private static string? ProblemOfFunction(string path, string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(path, file)));
            return json.RootElement.TryGetProperty("bindings", out var bindings) && bindings.GetArrayLength() > 0
                ? null
                : $"{file}: has no bindings";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"{file}: {e.Message}";
        }
    }

    /// <summary>Reads every native file, and returns the newest glibc that one needs.</summary>
    private static Version ReadImages(string path, List<string> files, List<string> problems)
    {
        var newest = new Version(2, 0);
        var names = files.Select(file => System.IO.Path.GetFileName(file)).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(System.IO.Path.Combine(path, file));
            if (!ElfImage.IsElf(bytes))
            {
                continue;
            }
            try
            {
                var image = ElfImage.Read(bytes);
                problems.AddRange(MachineLimits.Problems(image, names).Select(problem => $"{file}: {problem}"));
                foreach (var version in image.Versions)
                {
                    if (MachineLimits.VersionOf(version, MachineLimits.Glibc) is { } needed && needed > newest)
                    {
                        newest = needed;
                    }
                }
            }
            catch (PackageException e)
            {
                problems.Add($"{file}: {e.Message}");
            }
        }
        return newest;
    }
}
