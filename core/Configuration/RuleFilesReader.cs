using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the files that <c>rule_files</c> names: paths with wildcards, or <c>blob:</c> and the name of a blob with wildcards.</summary>
internal sealed class RuleFilesReader(ConfigFiles files, RuleFileOptions options)
{
    /// <summary>What names of blobs begin with.</summary>
    public const string BlobPrefix = "blob:";

    private const string Field = "rule_files";
    private const int MaxFiles = 1000;

    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    /// <summary>The groups of all files, in the order of the patterns and then of the names; a file that several match once.</summary>
    public List<RuleGroupConfig> ReadAll(Section root)
    {
        var groups = new List<RuleGroupConfig>();
        foreach (var (pattern, at) in root.Texts(Field))
        {
            if (FileGlob.ProblemOf(pattern) is { } problem)
            {
                root.Refuse(at, $"{Field}: {Words.Quote(pattern)} {problem}");
                continue;
            }
            var found = files.Find(PathOf(root, pattern));
            if (found.Count == 0)
            {
                root.Warn(at, $"{Field}: {Words.Quote(pattern)} matches no file");
            }
            foreach (var path in found.Where(read.Add))
            {
                groups.AddRange(ReadFile(root, path, at));
            }
        }
        return groups;
    }

    /// <summary>The paths with wildcards that a file names, as this process finds them.</summary>
    public static IReadOnlyList<string> PatternsOf(Section root) =>
        [.. root.Texts(Field).Select(pattern => PathOf(root, pattern.Text))];

    private static string PathOf(Section root, string pattern) =>
        pattern.StartsWith(BlobPrefix, StringComparison.Ordinal) ? pattern : root.Errors.PathOf(pattern);

    private List<RuleGroupConfig> ReadFile(Section root, string path, YamlMark at)
    {
        if (read.Count > MaxFiles)
        {
            root.Refuse(at, $"{Field}: more than {MaxFiles} files");
            return [];
        }
        try
        {
            return RuleFileReader.Read(files.ReadText(path), root.Errors.ForFile(path), options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            root.Refuse(at, $"{Field}: {Words.Clean(path)} cannot be read: {Words.Clean(exception.Message)}");
            return [];
        }
    }
}
