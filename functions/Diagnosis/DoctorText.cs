using System.Globalization;
using System.Text;

namespace Tributary.Functions.Diagnosis;

/// <summary>What <c>tributary doctor</c> prints for people: each check, each finding, and below it what to do.</summary>
internal static class DoctorText
{
    private const int Width = 110;
    private const string Indent = "            ";

    /// <summary>The lines of one check.</summary>
    public static IEnumerable<string> Lines(CheckReport report)
    {
        yield return report.Name;
        foreach (var finding in report.Findings)
        {
            var first = true;
            foreach (var line in Wrap(finding.Text, Width))
            {
                yield return first ? $"  {NameOf(finding.Kind), -8}  {line}" : Indent + line;
                first = false;
            }
            first = true;
            foreach (var line in Wrap(finding.Advice, Width))
            {
                yield return $"{Indent}{(first ? "→" : " ")} {line}";
                first = false;
            }
        }
    }

    /// <summary>The last line.</summary>
    public static string Sum(IReadOnlyList<CheckReport> reports)
    {
        var all = reports.SelectMany(report => report.Findings).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(FindingKind.Failure)} failures, {Count(FindingKind.Warning)} warnings, {Count(FindingKind.Ok)} ok, {Count(FindingKind.Skipped)} not looked at"
        );

        int Count(FindingKind kind) => all.Count(finding => finding.Kind == kind);
    }

    /// <summary>A kind of findings in one word.</summary>
    public static string NameOf(FindingKind kind) =>
        kind switch
        {
            FindingKind.Ok => "ok",
            FindingKind.Skipped => "skipped",
            FindingKind.Warning => "warning",
            _ => "failure",
        };

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length == 0 ? "" : " ").Append(word);
        }
        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }
}
