using System.Globalization;
using System.Text;
using Tributary.Configuration.Yaml;

namespace Tributary.Functions.Serving;

/// <summary>What is wrong with a configuration, as <c>tributary check config</c> prints it: each mistake explained once.</summary>
internal sealed class FindingText
{
    private const int Width = 100;
    private const string Indent = "    ";

    private readonly Dictionary<string, int> explained = new(StringComparer.Ordinal);

    /// <summary>A finding: its line, and what newcomers have to know of it; lines end with a newline.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="kind">What stands before the message: empty for errors.</param>
    public string Of(ConfigError finding, string kind)
    {
        var output = new StringBuilder();
        output.Append(
            CultureInfo.InvariantCulture,
            $"{finding.File}:{finding.Line}:{finding.Column}: {kind}{finding.Message}\n"
        );
        if (finding.Explanation is not { } explanation)
        {
            return output.ToString();
        }
        if (!explained.TryAdd(explanation.Id, finding.Line))
        {
            return output
                .Append(
                    CultureInfo.InvariantCulture,
                    $"{Indent}as explained above for line {explained[explanation.Id]}\n\n"
                )
                .ToString();
        }
        output.Append('\n');
        AppendProse(output, explanation.Happens);
        output.Append('\n');
        AppendProse(output, explanation.Fix);
        output.Append('\n');
        if (explanation.Snippet.Length > 0)
        {
            foreach (var line in explanation.Snippet.ReplaceLineEndings("\n").Split('\n'))
            {
                output.Append($"{Indent}{Indent}{line}".TrimEnd()).Append('\n');
            }
            output.Append('\n');
        }
        if (explanation.Note.Length > 0)
        {
            AppendProse(output, explanation.Note);
            output.Append('\n');
        }
        return output.Append($"{Indent}More: docs/mistakes.md#{explanation.Id}\n\n").ToString();
    }

    /// <summary>Appends lines no wider than a terminal; those that are indented already stay as they are.</summary>
    private static void AppendProse(StringBuilder output, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(' ') || line.Length == 0)
            {
                output.Append($"{Indent}{line}".TrimEnd()).Append('\n');
                continue;
            }
            var column = 0;
            foreach (var word in line.Split(' '))
            {
                if (column > 0 && column + 1 + word.Length > Width)
                {
                    output.Append('\n');
                    column = 0;
                }
                output.Append(column == 0 ? Indent : " ").Append(word);
                column += (column == 0 ? Indent.Length : 1) + word.Length;
            }
            output.Append('\n');
        }
    }
}
