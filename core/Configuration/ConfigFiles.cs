using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>What a configuration takes from outside its own text.</summary>
/// <param name="Environment">The value of an environment variable by its name; null when it is not set.</param>
/// <param name="Find">The paths of the files that match a path with wildcards, sorted; none is no error.</param>
/// <param name="ReadText">The text of a file; throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
public sealed record ConfigFiles(
    Func<string, string?> Environment,
    Func<string, IReadOnlyList<string>> Find,
    Func<string, string> ReadText
)
{
    /// <summary>Which experimental parts of the query language the queries of rules may use.</summary>
    public ParserOptions Syntax { get; init; } = ParserOptions.Stable;

    /// <summary>The environment and the files of this process.</summary>
    public static readonly ConfigFiles OfProcess = new(
        System.Environment.GetEnvironmentVariable,
        FileGlob.Find,
        ReadFile
    );

    /// <summary>Not longer than a file that could be read.</summary>
    private static string ReadFile(string path)
    {
        if (new FileInfo(path).Length > 4L * Yaml.YamlTree.MaxLength)
        {
            throw new IOException("it is too long for a configuration");
        }
        return ConfigBytes.Decode(File.ReadAllBytes(path));
    }
}
