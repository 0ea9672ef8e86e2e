using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Tributary.Configuration;

/// <summary>Says what is wrong with text that is not YAML.</summary>
internal static partial class YamlProblem
{
    /// <summary>The parser's words, or, where a line is indented with a tab, that.</summary>
    public static string Describe(string text, YamlException exception)
    {
        var lines = text.Split('\n');
        var last = Math.Min(exception.End.Line + 1, lines.Length);
        for (var i = (int)Math.Max(0, exception.Start.Line - 2); i < last; i++)
        {
            if (lines[i].AsSpan().TrimStart(' ') is ['\t', ..])
            {
                return $"line {i + 1} is indented with a tab; YAML takes only spaces";
            }
        }
        var message = Position().Replace(exception.Message, "").TrimEnd('.', ' ');
        return "not valid YAML: " + Words.Clean(message.Length == 0 ? "unexpected text" : Words.StartLower(message));
    }

    [GeneratedRegex(@"^\(Line: [^)]*\)( - \([^)]*\))?: ", RegexOptions.NonBacktracking)]
    private static partial Regex Position();
}
