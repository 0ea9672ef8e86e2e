using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the files that <c>scrape_config_files</c> names: each has more <c>scrape_configs</c>, and nothing else.</summary>
internal sealed class ScrapeFilesReader(ConfigFiles files, ScrapeConfigReader jobs)
{
    private const string Field = "scrape_config_files";
    private const int MaxFiles = 1000;

    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    /// <summary>The jobs of all files, in the order of the patterns and then of the names.</summary>
    public List<ReadJob> ReadAll(Section root)
    {
        var all = new List<ReadJob>();
        foreach (var (pattern, at) in root.Texts(Field))
        {
            if (ProblemOf(pattern) is { } problem)
            {
                root.Refuse(at, $"{Field}: {Words.Quote(pattern)} {problem}");
                continue;
            }
            var found = files.Find(root.Errors.PathOf(pattern));
            if (found.Count == 0)
            {
                root.Warn(at, $"{Field}: {Words.Quote(pattern)} matches no file");
            }
            foreach (var path in found)
            {
                all.AddRange(ReadFile(root, path, at));
            }
        }
        return all;
    }

    /// <summary>The paths with wildcards that a file names, as this process finds them.</summary>
    public static IReadOnlyList<string> PatternsOf(Section root) =>
        [.. root.Texts(Field).Select(pattern => root.Errors.PathOf(pattern.Text))];

    /// <summary>What is wrong with a path that may have wildcards in its last segment; null when it is fine.</summary>
    public static string? ProblemOf(string pattern) =>
        pattern.Length == 0 ? "is empty; write a path"
        : !DiscoveryReader.HasStarsOnlyAtTheEnd(pattern) ? "has a * before its last segment"
        : FileGlob.ProblemOf(pattern);

    private List<ReadJob> ReadFile(Section root, string path, YamlMark at)
    {
        if (read.Count == MaxFiles)
        {
            root.Refuse(at, $"{Field}: more than {MaxFiles} files");
            return [];
        }
        try
        {
            var errors = root.Errors.ForFile(path);
            var section = ConfigReader.OpenRoot(files.ReadText(path), FieldTable.ScrapeFile, errors);
            var found = section is null ? [] : jobs.ReadAll(section);
            if (!read.Add(path) && found.Count > 0)
            {
                root.Refuse(
                    at,
                    $"{Field}: {Words.Clean(path)} is read twice; a pattern before this one matches it, too"
                );
            }
            return found;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            root.Refuse(at, $"{Field}: {Words.Clean(path)} cannot be read: {Words.Clean(exception.Message)}");
            return [];
        }
    }
}
