using Tributary.Configuration.Advice;

namespace Tributary.Configuration.Yaml;

/// <summary>What the readers of one file share: the errors so far, the environment, the folder of the file.</summary>
internal sealed class ErrorList
{
    /// <summary>More than these help nobody.</summary>
    private const int MaxErrors = 100;

    private readonly Findings findings;
    private readonly string file;
    private readonly Func<string, string?>? environment;
    private readonly int order;

    /// <summary>A list for the first file.</summary>
    /// <param name="file">What errors call the file: its path, or <c>blob:</c> and a name.</param>
    /// <param name="environment">The values of environment variables by name; without it none is set.</param>
    public ErrorList(string file, Func<string, string?>? environment = null)
        : this(new Findings(), file, environment) { }

    private ErrorList(Findings findings, string file, Func<string, string?>? environment)
    {
        this.findings = findings;
        this.file = file;
        this.environment = environment;
        order = findings.Files++;
    }

    /// <summary>What errors call the file.</summary>
    public string File => file;

    /// <summary>What is no error, but not as the user may think, in the order of the files.</summary>
    public IReadOnlyList<ConfigError> Warnings => Sorted(findings.Warnings);

    /// <summary>Whether there is an error.</summary>
    public bool Any => findings.Errors.Count > 0;

    /// <summary>Whether further errors are left out.</summary>
    public bool IsFull => findings.Errors.Count == MaxErrors;

    /// <summary>A list for a further file, which shows its errors behind those of the files before.</summary>
    public ErrorList ForFile(string other) => new(findings, other, environment);

    /// <summary>A list for the same file whose errors nobody is told: for what is checked elsewhere.</summary>
    public ErrorList Aside() => new(file, environment);

    /// <summary>The value of an environment variable; null when it is not set.</summary>
    public string? Variable(string name) => environment?.Invoke(name);

    /// <summary>A path of the file's: one that is relative begins at the file's folder, as it does in Prometheus.</summary>
    public string PathOf(string path)
    {
        var folder = file.StartsWith("blob:", StringComparison.Ordinal) ? null : Path.GetDirectoryName(file);
        if (path.Length == 0 || string.IsNullOrEmpty(folder) || Path.IsPathRooted(path))
        {
            return path;
        }
        return WithoutDots(Path.Combine(folder, path));
    }

    /// <summary>A path without its <c>.</c> and <c>..</c> where they can be taken out by name alone, as Go's <c>path.Clean</c>.</summary>
    private static string WithoutDots(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is ".." && parts is [.., not ".."])
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not "." && (part is not ".." || path[0] != '/'))
            {
                parts.Add(part);
            }
        }
        var root = path[0] == '/' ? "/" : "";
        return parts.Count == 0 && root.Length == 0 ? "." : root + string.Join('/', parts);
    }

    public void Add(YamlMark at, string message, Explanation? explanation = null) =>
        Put(findings.Errors, at, message, explanation);

    public void Warn(YamlMark at, string message, Explanation? explanation = null) =>
        Put(findings.Warnings, at, message, explanation);

    /// <summary>Throws if there is an error.</summary>
    /// <exception cref="ConfigException">There is.</exception>
    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new ConfigException(Sorted(findings.Errors)) { Warnings = Warnings };
        }
    }

    private void Put(List<(int Order, ConfigError Error)> list, YamlMark at, string message, Explanation? explanation)
    {
        var item = (order, new ConfigError(file, at.Line, at.Column, message) { Explanation = explanation });
        if (list.Count < MaxErrors && !list.Contains(item))
        {
            list.Add(item);
        }
    }

    private static IReadOnlyList<ConfigError> Sorted(List<(int Order, ConfigError Error)> list) =>
        [
            .. list.OrderBy(item => item.Order)
                .ThenBy(item => item.Error.Line)
                .ThenBy(item => item.Error.Column)
                .Select(item => item.Error),
        ];

    /// <summary>What all files of one configuration share.</summary>
    private sealed class Findings
    {
        public List<(int Order, ConfigError Error)> Errors { get; } = [];

        public List<(int Order, ConfigError Error)> Warnings { get; } = [];

        public int Files { get; set; }
    }
}
