using System.Diagnostics;

namespace Tributary.Patterns;

/// <summary>What can be said about a pattern from its tree alone, given that it has to match whole texts.</summary>
internal static class PatternShape
{
    private const int MaxPrefixLength = 1024;

    /// <summary>The tree without the <c>^</c> at its beginning and the <c>$</c> at its end, which always hold there.</summary>
    public static PatternNode StripAnchors(PatternNode node) => Strip(Strip(node, leading: true), leading: false);

    /// <summary>Whether the empty text matches.</summary>
    public static bool MatchesEmpty(PatternNode node) =>
        node switch
        {
            PatternNode.Empty => true,
            PatternNode.Literal or PatternNode.CharClass => false,
            PatternNode.Assertion assertion => assertion.Kind != AssertionKind.WordBoundary,
            PatternNode.Capture capture => MatchesEmpty(capture.Inner),
            PatternNode.Repeat repeat => repeat.Min == 0 || MatchesEmpty(repeat.Inner),
            PatternNode.Concat concat => concat.Parts.All(MatchesEmpty),
            PatternNode.Alternate alternate => alternate.Branches.Any(MatchesEmpty),
            _ => throw new UnreachableException(),
        };

    /// <summary>A text that every match begins with; the longest that is easy to see, cut at a whole code point.</summary>
    public static string Prefix(PatternNode node)
    {
        var (text, _) = PrefixOf(node);
        var length = Math.Min(text.Length, MaxPrefixLength);
        return length > 0 && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }

    private static PatternNode Strip(PatternNode node, bool leading)
    {
        switch (node)
        {
            case PatternNode.Assertion assertion when HoldsAtEdge(assertion.Kind, leading):
                return new PatternNode.Empty();
            case PatternNode.Capture capture:
                return capture with { Inner = Strip(capture.Inner, leading) };
            case PatternNode.Alternate alternate:
                return new PatternNode.Alternate([.. alternate.Branches.Select(b => Strip(b, leading))]);
            case PatternNode.Concat concat:
                var parts = concat.Parts.ToList();
                for (var i = 0; i < parts.Count; i++)
                {
                    var at = leading ? i : parts.Count - 1 - i;
                    parts[at] = Strip(parts[at], leading);
                    if (parts[at] is not PatternNode.Empty)
                    {
                        break;
                    }
                }
                return new PatternNode.Concat(parts);
            default:
                return node;
        }
    }

    private static bool HoldsAtEdge(AssertionKind kind, bool leading) =>
        leading
            ? kind is AssertionKind.BeginText or AssertionKind.BeginLine
            : kind is AssertionKind.EndText or AssertionKind.EndLine;

    /// <summary>The prefix, and whether it is all that the node matches.</summary>
    private static (string Text, bool IsAll) PrefixOf(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Empty or PatternNode.Assertion:
                return ("", true);
            case PatternNode.Literal literal:
                return (literal.Text, true);
            case PatternNode.Capture capture:
                return PrefixOf(capture.Inner);
            case PatternNode.Repeat { Min: > 0 } repeat:
                var (once, isAll) = PrefixOf(repeat.Inner);
                return (once, isAll && repeat is { Min: 1, Max: 1 });
            case PatternNode.Concat concat:
                return PrefixOfConcat(concat);
            case PatternNode.Alternate alternate:
                var branches = alternate.Branches.Select(b => PrefixOf(b).Text).ToList();
                var common = branches.Min(b => branches[0].AsSpan().CommonPrefixLength(b));
                return (branches[0][..common], false);
            default:
                return ("", false);
        }
    }

    private static (string Text, bool IsAll) PrefixOfConcat(PatternNode.Concat concat)
    {
        var text = "";
        foreach (var part in concat.Parts)
        {
            var (next, isAll) = PrefixOf(part);
            text += next;
            if (!isAll || text.Length > MaxPrefixLength)
            {
                return (text, false);
            }
        }
        return (text, true);
    }
}
