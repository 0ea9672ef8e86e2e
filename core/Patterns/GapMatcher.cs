namespace Tributary.Patterns;

/// <summary>Matches literals with anything between them, <c>a.*b.+</c>, by searching for one after the other.</summary>
internal sealed class GapMatcher
{
    private readonly string prefix;
    private readonly Gap[] gaps;

    private GapMatcher(string prefix, Gap[] gaps)
    {
        this.prefix = prefix;
        this.gaps = gaps;
    }

    /// <summary>How long a text has to be, in code points, when nothing else is asked of it; null when more is.</summary>
    public int? OnlyMinimum => prefix.Length == 0 && gaps is [{ Literal: "" } only] ? only.Minimum : null;

    /// <summary>The matcher for a tree of that shape with at least one gap; else null.</summary>
    public static GapMatcher? Of(PatternNode node)
    {
        var gaps = new List<Gap> { new("", 0, false) };
        if (!Collect(node, gaps) || gaps.Count < 2 || gaps.Skip(1).Any(g => !g.IsOpen))
        {
            return null;
        }
        return new GapMatcher(gaps[0].Literal, [.. gaps.Skip(1)]);
    }

    public bool IsMatch(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }
        var rest = value[prefix.Length..];
        for (var i = 0; i < gaps.Length; i++)
        {
            if (!TrySkipRunes(ref rest, gaps[i].Minimum))
            {
                return false;
            }
            var literal = gaps[i].Literal;
            if (i == gaps.Length - 1)
            {
                break;
            }
            var index = rest.IndexOf(literal, StringComparison.Ordinal);
            if (index < 0)
            {
                return false;
            }
            rest = rest[(index + literal.Length)..];
        }
        return rest.EndsWith(gaps[^1].Literal, StringComparison.Ordinal);
    }

    private static bool TrySkipRunes(ref ReadOnlySpan<char> text, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (text.IsEmpty)
            {
                return false;
            }
            var isPair = text.Length > 1 && char.IsSurrogatePair(text[0], text[1]);
            text = text[(isPair ? 2 : 1)..];
        }
        return true;
    }

    /// <summary>Lays the tree out as gaps; the first has only its literal. False when it has another shape.</summary>
    private static bool Collect(PatternNode node, List<Gap> gaps)
    {
        switch (node)
        {
            case PatternNode.Empty:
                return true;
            case PatternNode.Literal literal:
                gaps[^1] = gaps[^1] with { Literal = gaps[^1].Literal + literal.Text };
                return true;
            case PatternNode.CharClass { Set.IsAll: true }:
                AddGap(gaps, 1, isOpen: false);
                return true;
            case PatternNode.Repeat { Inner: PatternNode.CharClass { Set.IsAll: true }, Max: null } repeat:
                AddGap(gaps, repeat.Min, isOpen: true);
                return true;
            case PatternNode.Capture capture:
                return Collect(capture.Inner, gaps);
            case PatternNode.Concat concat:
                return concat.Parts.All(p => Collect(p, gaps));
            default:
                return false;
        }
    }

    private static void AddGap(List<Gap> gaps, int minimum, bool isOpen)
    {
        if (gaps.Count > 1 && gaps[^1].Literal.Length == 0)
        {
            gaps[^1] = new Gap("", gaps[^1].Minimum + minimum, gaps[^1].IsOpen || isOpen);
        }
        else
        {
            gaps.Add(new Gap("", minimum, isOpen));
        }
    }

    /// <summary>At least <see cref="Minimum"/> code points, then a literal; not open means not more of them.</summary>
    private sealed record Gap(string Literal, int Minimum, bool IsOpen);
}
