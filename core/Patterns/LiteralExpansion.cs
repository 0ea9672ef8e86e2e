using System.Diagnostics;

namespace Tributary.Patterns;

/// <summary>Writes a pattern out as the texts that it matches, where these are few.</summary>
internal sealed class LiteralExpansion
{
    /// <summary>The most texts that combining may make: <c>[ab][cd]</c> makes four.</summary>
    private const int MaxProduct = 256;

    /// <summary>The most texts in all; only plain alternatives come to so many.</summary>
    private const int MaxTexts = 16_384;

    /// <summary>The most UTF-16 units written on the way.</summary>
    private const int MaxUnits = 4 << 20;

    private int unitsLeft = MaxUnits;

    private LiteralExpansion() { }

    /// <summary>The texts, possibly none and possibly repeated; null when they are too many or not all of it.</summary>
    public static List<string>? Of(PatternNode node) => new LiteralExpansion().Expand(node);

    private List<string>? Expand(PatternNode node) =>
        node switch
        {
            PatternNode.Empty => [""],
            PatternNode.Literal literal => [literal.Text],
            PatternNode.CharClass charClass => ExpandClass(charClass.Set),
            PatternNode.Assertion => null,
            PatternNode.Capture capture => Expand(capture.Inner),
            PatternNode.Repeat repeat => ExpandRepeat(repeat),
            PatternNode.Concat concat => ExpandConcat(concat),
            PatternNode.Alternate alternate => ExpandAlternate(alternate),
            _ => throw new UnreachableException(),
        };

    private static List<string>? ExpandClass(RuneSet set)
    {
        if (set.Count > MaxProduct)
        {
            return null;
        }
        var texts = new List<string>();
        foreach (var (low, high) in set.Ranges)
        {
            for (var rune = low; rune <= high; rune++)
            {
                // No text holds a surrogate code point.
                if (rune is < 0xD800 or > 0xDFFF)
                {
                    texts.Add(char.ConvertFromUtf32(rune));
                }
            }
        }
        return texts;
    }

    private List<string>? ExpandRepeat(PatternNode.Repeat repeat)
    {
        if (repeat.Max is not { } max || Expand(repeat.Inner) is not { } inner)
        {
            return null;
        }
        var texts = repeat.Min == 0 ? [""] : new List<string>();
        List<string>? power = [""];
        for (var count = 1; count <= max; count++)
        {
            power = Multiply(power, inner);
            if (power is null || texts.Count + power.Count > MaxProduct)
            {
                return null;
            }
            if (count >= repeat.Min)
            {
                texts.AddRange(power);
            }
        }
        return texts;
    }

    private List<string>? ExpandConcat(PatternNode.Concat concat)
    {
        List<string> texts = [""];
        foreach (var part in concat.Parts)
        {
            if (Expand(part) is not { } next || Multiply(texts, next) is not { } product)
            {
                return null;
            }
            texts = product;
        }
        return texts;
    }

    private List<string>? ExpandAlternate(PatternNode.Alternate alternate)
    {
        var texts = new List<string>();
        foreach (var branch in alternate.Branches)
        {
            if (Expand(branch) is not { } next || texts.Count + next.Count > MaxTexts)
            {
                return null;
            }
            texts.AddRange(next);
        }
        return texts;
    }

    private List<string>? Multiply(List<string> heads, List<string> tails)
    {
        if ((long)heads.Count * tails.Count > Math.Max(MaxProduct, heads.Count == 1 ? MaxTexts : 0))
        {
            return null;
        }
        var texts = new List<string>(heads.Count * tails.Count);
        foreach (var head in heads)
        {
            foreach (var tail in tails)
            {
                unitsLeft -= head.Length + tail.Length;
                if (unitsLeft < 0)
                {
                    return null;
                }
                texts.Add(head + tail);
            }
        }
        return texts;
    }
}
