using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>A service of a compose file.</summary>
internal sealed partial class ComposeService
{
    private const string Here = "./";

    /// <param name="file">The compose file.</param>
    /// <param name="name">The service's name, which is its host name.</param>
    /// <param name="node">What the file says of it.</param>
    /// <param name="variables">What <c>${NAME:-default}</c> stands for.</param>
    /// <param name="problems">Gets what cannot be read.</param>
    public ComposeService(
        string file,
        string name,
        YamlNode node,
        IReadOnlyDictionary<string, string> variables,
        List<string> problems
    )
    {
        (File, Name, Node) = (file, name, node);
        Image = node.At("image").Text() ?? "";
        Arguments = [.. node.At("command").Texts().Select(text => Interpolate(text, variables))];
        Environment = node.At("environment")
            .Map()
            .ToDictionary(one => one.Key, one => Interpolate(one.Value, variables), StringComparer.Ordinal);
        foreach (var text in node.At("volumes").Texts())
        {
            var parts = Interpolate(text, variables).Split(':');
            if (parts.Length is not (2 or 3) || parts[1] is not ['/', ..] || (parts.Length == 3 && parts[2] != "ro"))
            {
                problems.Add($"{Where}: '{text}' is not SOURCE:/PATH or SOURCE:/PATH:ro");
                continue;
            }
            Mounts.Add(new Mount(Source(parts[0]), parts[1], parts[0].StartsWith('.')));
        }
        foreach (var text in node.At("ports").Texts())
        {
            if (Published().Match(text) is not { Success: true } match)
            {
                problems.Add($"{Where}: port '{text}' is not 127.0.0.1:PORT:PORT, so that others would reach it");
                continue;
            }
            Ports.Add((Number(match.Groups[1].ValueSpan), Number(match.Groups[2].ValueSpan)));
        }
    }

    public string File { get; }

    public string Name { get; }

    public YamlNode Node { get; }

    public string Image { get; }

    /// <summary>The image without its tag.</summary>
    public string Repository => Image.LastIndexOf(':') is var colon and > 0 ? Image[..colon] : Image;

    public IReadOnlyList<string> Arguments { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public List<Mount> Mounts { get; } = [];

    /// <summary>The port of this machine, and the one in the container.</summary>
    public List<(int Outside, int Inside)> Ports { get; } = [];

    /// <summary>What problems begin with.</summary>
    public string Where => $"{File}: {Name}";

    /// <summary>The value of <c>--name=value</c>, or null.</summary>
    public string? Option(string name) =>
        Arguments
            .Where(argument => argument.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(argument => argument[(name.Length + 1)..])
            .FirstOrDefault();

    /// <summary>The file of the repository that stands at a path of the container, or null.</summary>
    public string? FileAt(string path, DeploymentFiles files) => FilesIn(files).GetValueOrDefault(path);

    /// <summary>By path in the container, the files of the repository that are mounted there.</summary>
    public IReadOnlyDictionary<string, string> FilesIn(DeploymentFiles files)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var mount in Mounts.Where(mount => mount.IsBind))
        {
            if (files.Find(mount.Source) is not null)
            {
                found[mount.Target] = mount.Source;
            }
            foreach (var file in files.Under(mount.Source))
            {
                found[mount.Target + file[mount.Source.Length..]] = file;
            }
        }
        return found;
    }

    private string Source(string text) =>
        text.StartsWith('.')
            ? DeploymentFiles.Join(Path.GetDirectoryName(File)!, text + (text == "." ? Here : ""))
            : text;

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static string Interpolate(string text, IReadOnlyDictionary<string, string> variables) =>
        Variable().Replace(text, match => variables.GetValueOrDefault(match.Groups[1].Value) ?? match.Groups[2].Value);

    [GeneratedRegex(@"^127\.0\.0\.1:([0-9]{1,5}):([0-9]{1,5})$", RegexOptions.NonBacktracking)]
    private static partial Regex Published();

    [GeneratedRegex(@"\$\{([A-Z_]+)(?::-([^}]*))?\}", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}

/// <summary>A volume, or a file or folder of the repository, at a path of a container.</summary>
internal sealed record Mount(string Source, string Target, bool IsBind);
