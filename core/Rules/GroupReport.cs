using System.Globalization;
using System.Text;

namespace Tributary.Rules;

/// <summary>What the report of a batch says of an evaluation: rules without a result, and what was missing of sources.</summary>
/// <param name="Errors">The error of each rule, by its position from 0.</param>
/// <param name="Missing">What was missing, a text for each source.</param>
internal sealed record GroupReport(IReadOnlyDictionary<int, string> Errors, IReadOnlyList<string> Missing)
{
    /// <summary>One line takes so much, and so many lines there are at most.</summary>
    private const int MaxLineChars = 500;

    private const int MaxLines = 40;
    private const string RuleMark = "rule ";
    private const string MissingMark = "missing: ";

    /// <summary>Whether everything has a result, and nothing was missing.</summary>
    public bool IsComplete => Errors.Count == 0 && Missing.Count == 0;

    /// <summary>The report of an evaluation.</summary>
    public static GroupReport Of(IReadOnlyList<RuleStatus> rules, IReadOnlyList<string> missing) =>
        new(
            rules
                .Select((rule, i) => (rule.LastError, Position: i))
                .Where(rule => rule.LastError.Length > 0)
                .ToDictionary(rule => rule.Position, rule => rule.LastError),
            missing
        );

    /// <summary>Reads what <see cref="ToString"/> wrote; lines of another form are passed over.</summary>
    public static GroupReport Read(string text)
    {
        var errors = new Dictionary<int, string>();
        var missing = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(MissingMark, StringComparison.Ordinal))
            {
                missing.Add(line[MissingMark.Length..]);
            }
            else if (line.StartsWith(RuleMark, StringComparison.Ordinal))
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                if (
                    colon > 0
                    && int.TryParse(
                        line.AsSpan(RuleMark.Length, colon - RuleMark.Length),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number
                    )
                )
                {
                    errors[number - 1] = line[(colon + 2)..];
                }
            }
        }
        return new GroupReport(errors, missing);
    }

    /// <summary>The error of the batch's report; empty when there is none.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var lines = 0;
        foreach (var (position, error) in Errors.OrderBy(error => error.Key))
        {
            Append(string.Create(CultureInfo.InvariantCulture, $"{RuleMark}{position + 1}: {OneLine(error)}"));
        }
        foreach (var one in Missing)
        {
            Append(MissingMark + OneLine(one));
        }
        return text.ToString();

        void Append(string line)
        {
            if (lines++ < MaxLines)
            {
                text.Append(lines == 1 ? "" : "\n").Append(line);
            }
        }
    }

    private static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= MaxLineChars ? line : line[..MaxLineChars] + "…";
    }
}
