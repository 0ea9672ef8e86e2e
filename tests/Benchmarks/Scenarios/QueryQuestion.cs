using System.Globalization;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>One question that a dashboard asks.</summary>
/// <param name="Kind">What it is counted as.</param>
/// <param name="Text">The query; the path behind <c>/api/v1/</c> of a look-up.</param>
/// <param name="Hours">How long before the end it begins.</param>
/// <param name="StepSeconds">From step to step.</param>
internal sealed record QueryQuestion(QuestionKind Kind, string Text, int Hours = 0, int StepSeconds = 0)
{
    /// <summary>What it is called in the results.</summary>
    public string Name =>
        Kind switch
        {
            QuestionKind.Range or QuestionKind.Large => $"`{Text.Replace("|", "\\|", StringComparison.Ordinal)}`, "
                + string.Create(CultureInfo.InvariantCulture, $"{Hours} h at {StepSeconds} s"),
            QuestionKind.Instant => $"`{Text.Replace("|", "\\|", StringComparison.Ordinal)}`, instant",
            _ => $"`/api/v1/{Text}`",
        };

    /// <summary>The path that asks it, over data that end at a moment.</summary>
    public string Path(long endSeconds) =>
        Kind switch
        {
            QuestionKind.LookUp => Invariant(
                $"/api/v1/{Escaped(Text)}{(Text.Contains('?') ? '&' : '?')}start={endSeconds - (2 * 3600)}&end={endSeconds}"
            ),
            QuestionKind.Instant => Invariant($"/api/v1/query?query={Uri.EscapeDataString(Text)}&time={endSeconds}"),
            _ => Invariant(
                $"/api/v1/query_range?query={Uri.EscapeDataString(Text)}&start={endSeconds - (Hours * 3600)}"
            ) + Invariant($"&end={endSeconds}&step={StepSeconds}"),
        };

    /// <summary>The value behind the first <c>=</c> of a look-up is a selector.</summary>
    private static string Escaped(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal) + 1;
        return at == 0 ? text : text[..at] + Uri.EscapeDataString(text[at..]);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
