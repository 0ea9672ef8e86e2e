using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.PromQL.Syntax;

namespace Tributary.Federation;

/// <summary>The metric families whose stem is not before one text and before another, in the order of UTF-8 bytes.</summary>
/// <remarks>
/// The stem is the name without <c>_bucket</c>, <c>_count</c>, <c>_sum</c> at its end, so that no family is in two ranges,
/// whatever its name: <c>x_sum</c> goes with <c>x</c> even where the ranges are cut at <c>x_a</c>.
/// </remarks>
/// <param name="From">Where it begins; null is before all names.</param>
/// <param name="To">Before what it ends; null is behind all names.</param>
internal sealed record NameRange(string? From, string? To)
{
    /// <summary>All names.</summary>
    public static readonly NameRange All = new(null, null);

    /// <summary>Any texts behind: nothing in a name is too odd for it.</summary>
    private const string Rest = "(?s:.*)";

    private const string EmptyText = "(?:)";
    private const char SuffixStart = '_';
    private const int MaxRune = 0x10FFFF;
    private const int BeforeSurrogates = 0xD7FF;
    private const int BehindSurrogates = 0xE000;

    /// <summary>Whether a metric name is in the range.</summary>
    public bool Contains(string name)
    {
        var stem = MetricFamily.StemOf(name);
        return (From is null || Utf8Order.Compare(From, stem) <= 0) && (To is null || Utf8Order.Compare(stem, To) < 0);
    }

    /// <summary>The same as conditions on a metric name; none for all names.</summary>
    public IReadOnlyList<LabelMatcher> Matchers()
    {
        var matchers = new List<LabelMatcher>();
        if (From is not null)
        {
            matchers.Add(Name(MatchOperator.Regex, AtLeast(From)));
            if (Suffixed(From) is { Length: > 0 } before)
            {
                matchers.Add(Name(MatchOperator.NotRegex, before));
            }
        }
        if (To is not null)
        {
            var suffixed = Suffixed(To);
            matchers.Add(Name(MatchOperator.Regex, suffixed.Length == 0 ? Before(To) : $"{Before(To)}|{suffixed}"));
        }
        return matchers;
    }

    /// <summary>What errors call it.</summary>
    public override string ToString() =>
        (From, To) switch
        {
            (null, null) => "all metric names",
            (null, _) => $"metric names before {Quoting.Quote(To)}",
            (_, null) => $"metric names from {Quoting.Quote(From)} on",
            _ => $"metric names from {Quoting.Quote(From)} to before {Quoting.Quote(To)}",
        };

    private static LabelMatcher Name(MatchOperator @operator, string pattern) =>
        new(LabelSet.MetricNameLabel, @operator, pattern);

    /// <summary>A pattern for the texts that are not before one.</summary>
    private static string AtLeast(string cut)
    {
        var pattern = Rest;
        foreach (var rune in cut.EnumerateRunes().Reverse())
        {
            var above = rune.Value < MaxRune ? $"|[^\\x00-{Literal(rune)}]{Rest}" : "";
            pattern = $"(?:{Literal(rune)}{pattern}{above})";
        }
        return pattern;
    }

    /// <summary>A pattern for the texts that are before one, of which the empty text is one.</summary>
    private static string Before(string cut)
    {
        var pattern = "";
        foreach (var rune in cut.EnumerateRunes().Reverse())
        {
            var below = rune.Value == 0 ? "" : $"[\\x00-{Literal(RuneBefore(rune))}]{Rest}";
            // Behind the last code point nothing may follow: the text itself is not before itself.
            var equal = pattern.Length == 0 ? "" : Literal(rune) + pattern;
            var either = equal.Length > 0 && below.Length > 0 ? $"{equal}|{below}" : equal + below;
            pattern = either.Length == 0 ? EmptyText : $"(?:{either})?";
        }
        return pattern;
    }

    private static Rune RuneBefore(Rune rune) =>
        new(rune.Value == BehindSurrogates ? BeforeSurrogates : rune.Value - 1);

    private static string Literal(Rune rune) =>
        rune.IsAscii && (Rune.IsLetterOrDigit(rune) || rune.Value is '_' or ':')
            ? rune.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}");

    /// <summary>A pattern for the names that may not be before a text although their stems are; empty when there are none.</summary>
    private static string Suffixed(string cut)
    {
        var stems = new List<string>();
        var stem = new StringBuilder();
        foreach (var rune in cut.EnumerateRunes())
        {
            // Behind any other stem a suffix sorts before the text.
            if (stem.Length > 0 && rune.Value <= SuffixStart)
            {
                stems.Add(stem.ToString());
            }
            stem.Append(Literal(rune));
        }
        return stems.Count == 0 ? "" : $"(?:{string.Join('|', stems)})(?:{string.Join('|', MetricFamily.Suffixes)})+";
    }
}
