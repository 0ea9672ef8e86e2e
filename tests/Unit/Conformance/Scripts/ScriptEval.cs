using System.Text.RegularExpressions;
using Tributary.PromQL.Notation;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>The command <c>eval</c> of a script.</summary>
internal sealed record ScriptEval : ScriptCommand
{
    private static readonly Regex Instant = new(
        @"^eval(_(?<kind>fail|warn|ordered|info))?\s+instant\s+at\s+(?<at>\S+)\s+(?<query>.+)$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    );

    private static readonly Regex Range = new(
        @"^eval(_(?<kind>fail|warn|info))?\s+range\s+from\s+(?<from>\S+)\s+to\s+(?<to>\S+)\s+step\s+(?<step>\S+)\s+(?<query>.+)$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    );

    public required int Line { get; init; }
    public required string Query { get; init; }
    public required bool IsRange { get; init; }

    /// <summary>The time of an instant query, or the first of a range query, in milliseconds.</summary>
    public required long StartMs { get; init; }
    public long EndMs { get; init; }
    public long StepMs { get; init; }
    public IReadOnlyList<ScriptExpectation> Expectations { get; init; } = [];
    public IReadOnlyList<SeriesNotation> Series { get; init; } = [];
    public double? Scalar { get; init; }
    public string? Text { get; init; }

    /// <summary>The times of the items of a range vector that an instant query returns.</summary>
    public (long StartMs, long EndMs, long StepMs)? RangeVector { get; init; }

    public bool Fails => Expectations.Any(expectation => expectation.Kind == "fail");

    public bool IsOrdered => Expectations.Any(expectation => expectation.Kind == "ordered");

    /// <summary>Reads the command; <paramref name="next"/> goes behind its body.</summary>
    public static ScriptEval Parse(string[] lines, ref int next)
    {
        var line = next + 1;
        var eval = ParseHead(lines[next++], line);
        var expectations = new List<ScriptExpectation>(eval.Expectations);
        var series = new List<SeriesNotation>();
        for (; next < lines.Length && lines[next].Length > 0; next++)
        {
            var text = lines[next];
            if (text.StartsWith("expected_fail_", StringComparison.Ordinal))
            {
                expectations.Add(ParseOldFail(text));
                next++;
                break;
            }
            if (text.StartsWith("expect range vector", StringComparison.Ordinal))
            {
                var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                eval = eval with
                {
                    RangeVector = (ScriptTime.Parse(words[4]), ScriptTime.Parse(words[6]), ScriptTime.Parse(words[8])),
                    StartMs = ScriptTime.Parse(words[6]),
                };
            }
            else if (text.StartsWith("expect string ", StringComparison.Ordinal))
            {
                eval = eval with { Text = new QuotedString(text, "expect string ".Length).Read(out _) };
            }
            else if (text.StartsWith("expect ", StringComparison.Ordinal))
            {
                expectations.Add(ScriptExpectation.Parse(text["expect ".Length..].Trim()));
            }
            else if (ValueNotation.TryNumber(text, out var scalar))
            {
                eval = eval with { Scalar = scalar };
                next++;
                break;
            }
            else
            {
                series.Add(SeriesNotation.Parse(text));
            }
        }
        return eval with { Expectations = expectations, Series = series };
    }

    private static ScriptEval ParseHead(string text, int line)
    {
        var instant = Instant.Match(text);
        if (instant.Success)
        {
            return new ScriptEval
            {
                Line = line,
                Query = instant.Groups["query"].Value,
                IsRange = false,
                StartMs = ScriptTime.Parse(instant.Groups["at"].Value),
                Expectations = OldExpectations(instant),
            };
        }
        var range = Range.Match(text);
        if (!range.Success)
        {
            throw new FormatException($"line {line}: not an evaluation: {text}");
        }
        return new ScriptEval
        {
            Line = line,
            Query = range.Groups["query"].Value,
            IsRange = true,
            StartMs = ScriptTime.Parse(range.Groups["from"].Value),
            EndMs = ScriptTime.Parse(range.Groups["to"].Value),
            StepMs = ScriptTime.Parse(range.Groups["step"].Value),
            Expectations = OldExpectations(range),
        };
    }

    private static ScriptExpectation[] OldExpectations(Match match) =>
        match.Groups["kind"].Success ? [new ScriptExpectation(match.Groups["kind"].Value, null, null)] : [];

    private static ScriptExpectation ParseOldFail(string text)
    {
        const string Message = "expected_fail_message";
        const string Pattern = "expected_fail_regexp";
        return text.StartsWith(Message, StringComparison.Ordinal)
            ? new ScriptExpectation("fail", text[Message.Length..].Trim(), null)
            : new ScriptExpectation(
                "fail",
                null,
                new Regex(text[Pattern.Length..].Trim(), RegexOptions.NonBacktracking)
            );
    }
}
