using System.Text.RegularExpressions;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The settings of a function app: what the handler inherits as environment variables.</summary>
internal static partial class AppSettings
{
    /// <summary>What stands for the test's own storage in the sample settings.</summary>
    private const string DevelopmentStorage = "UseDevelopmentStorage=true";

    /// <summary>
    /// The sample settings of the repository, as one who follows the README copies them, on a storage account of the
    /// test's.
    /// </summary>
    public static Dictionary<string, string> OfSample(string storage)
    {
        var root = Json.Object(Path.Combine(Unit.Repository.Root, "local.settings.sample.json"));
        var values = Json.At(root, "Values")?.AsObject() ?? throw new HostException("the sample has no 'Values'");
        return values.ToDictionary(
            value => value.Key,
            value => value.Value!.ToString() is var text && text == DevelopmentStorage ? storage : text,
            StringComparer.Ordinal
        );
    }

    /// <summary>A text with its <c>%NAME%</c> replaced by settings; those that are not set stay.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> settings) =>
        Variable().Replace(text, match => settings.GetValueOrDefault(match.Groups[1].Value, match.Value));

    [GeneratedRegex("%([^%]+)%", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}
