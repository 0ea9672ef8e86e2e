using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>
/// The files with which Tributary is run elsewhere, as they are or with a mistake put in. Paths are those of the
/// repository, with <c>/</c>.
/// </summary>
internal sealed class DeploymentFiles
{
    public const string Local = "infra/local";
    private const string Container = "infra/container";

    private static readonly string[] Pages = ["docs/run-elsewhere.md", "docs/scale-out.md"];

    private readonly Dictionary<string, string> texts;

    private DeploymentFiles(Dictionary<string, string> texts) => this.texts = texts;

    /// <summary>The files of the repository.</summary>
    public static DeploymentFiles Repository { get; } = Load();

    /// <summary>A path that is relative to a folder, as one of the repository.</summary>
    public static string Join(string folder, string path) => Path.GetFullPath(Path.Combine("/", folder, path))[1..];

    /// <summary>Whether there is a file, or a folder with files.</summary>
    public bool Exists(string path) =>
        path.Length == 0
        || texts.ContainsKey(path)
        || texts.Keys.Any(name => name.StartsWith(path + "/", StringComparison.Ordinal));

    /// <summary>The text of a file, or null.</summary>
    public string? Find(string path) => texts.GetValueOrDefault(path);

    /// <summary>The text of a file that has to be there.</summary>
    public string Read(string path) =>
        texts.TryGetValue(path, out var text) ? text : throw new InvalidOperationException($"there is no '{path}'");

    /// <summary>The files below a folder, sorted.</summary>
    public IEnumerable<string> Under(string folder) =>
        texts.Keys.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The same with one text in place of another, which has to be there.</summary>
    public DeploymentFiles With(string path, string old, string fresh)
    {
        var text = Read(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        return Put(path, text.Replace(old, fresh, StringComparison.Ordinal));
    }

    /// <summary>The same without a file.</summary>
    public DeploymentFiles Without(string path)
    {
        Assert.Contains(path, texts.Keys);
        return new DeploymentFiles(texts.Where(one => one.Key != path).ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>The one document of a YAML file; what is wrong with it is among the problems.</summary>
    public YamlNode? Yaml(string path, List<string> problems) => Documents(path, problems).SingleOrDefault();

    /// <summary>The documents of a YAML file, their places those of the file.</summary>
    public IReadOnlyList<YamlNode> Documents(string path, List<string> problems)
    {
        if (Find(path) is not { } text)
        {
            problems.Add($"{path}: there is no such file");
            return [];
        }
        var errors = new ErrorList(path);
        var documents = new List<YamlNode>();
        var lines = text.Split('\n');
        var begin = 0;
        for (var line = 0; line <= lines.Length; line++)
        {
            if (line == lines.Length || lines[line] == "---")
            {
                var document = new string('\n', begin) + string.Join('\n', lines[begin..line]);
                if (YamlTree.Read(document, errors) is { } node and not YamlScalar { IsNull: true })
                {
                    documents.Add(node);
                }
                begin = line + 1;
            }
        }
        problems.AddRange(errors.Warnings.Select(warning => warning.ToString()));
        try
        {
            errors.ThrowIfAny();
        }
        catch (ConfigException exception)
        {
            problems.AddRange(exception.Errors.Select(error => error.ToString()));
        }
        return documents;
    }

    private static DeploymentFiles Load()
    {
        string Full(string path) => Path.Combine(Unit.Repository.Root, path);
        var files = new[] { Local, Container }
            .Where(folder => Directory.Exists(Full(folder)))
            .SelectMany(folder => Directory.EnumerateFiles(Full(folder), "*", SearchOption.AllDirectories))
            .Concat(Pages.Select(Full));
        return new DeploymentFiles(
            files.ToDictionary(
                file => Path.GetRelativePath(Unit.Repository.Root, file).Replace('\\', '/'),
                File.ReadAllText,
                StringComparer.Ordinal
            )
        );
    }

    private DeploymentFiles Put(string path, string text) =>
        new(new Dictionary<string, string>(texts, StringComparer.Ordinal) { [path] = text });
}
