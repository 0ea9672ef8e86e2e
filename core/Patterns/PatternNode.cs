namespace Tributary.Patterns;

/// <summary>The syntax tree of a pattern. The hierarchy is closed.</summary>
internal abstract record PatternNode
{
    private protected PatternNode(int height, int repeatProduct, long size)
    {
        Height = height;
        RepeatProduct = repeatProduct;
        Size = size;
    }

    /// <summary>Nodes on the longest way down, this one included.</summary>
    public int Height { get; }

    /// <summary>The largest product of counted repetitions on any way down.</summary>
    public int RepeatProduct { get; }

    /// <summary>How many instructions the program of this node has; saturates far above every limit.</summary>
    public long Size { get; }

    /// <summary>The empty text.</summary>
    internal sealed record Empty() : PatternNode(1, 1, 0);

    /// <summary>Exactly this well-formed, non-empty text.</summary>
    internal sealed record Literal(string Text) : PatternNode(1, 1, Text.Length);

    /// <summary>One code point of a set; case folding is already in the set.</summary>
    internal sealed record CharClass(RuneSet Set) : PatternNode(1, 1, 1);

    /// <summary>A condition on the place, which takes no text.</summary>
    internal sealed record Assertion(AssertionKind Kind) : PatternNode(1, 1, 1);

    /// <summary>A group that is numbered from 1 by its opening parenthesis; it has a name or not.</summary>
    internal sealed record Capture(int Index, string? Name, PatternNode Inner)
        : PatternNode(Inner.Height + 1, Inner.RepeatProduct, Inner.Size);

    /// <summary><see cref="Inner"/> from <see cref="Min"/> to <see cref="Max"/> times; a null maximum is none.</summary>
    internal sealed record Repeat(PatternNode Inner, int Min, int? Max, bool Greedy)
        : PatternNode(Inner.Height + 1, Product(Inner, Min, Max), Copies(Inner, Min, Max))
    {
        private static int Product(PatternNode inner, int min, int? max) =>
            max == 0 ? 1 : Math.Max(1, max ?? min) * inner.RepeatProduct;

        // One split more per optional copy; without a maximum, the last copy loops.
        private static long Copies(PatternNode inner, int min, int? max) =>
            Saturate(max is { } m ? m * inner.Size + (m - min) : Math.Max(1, min) * inner.Size + 1);
    }

    /// <summary>One after the other; at least two parts.</summary>
    internal sealed record Concat(IReadOnlyList<PatternNode> Parts)
        : PatternNode(Parts.Max(p => p.Height) + 1, Parts.Max(p => p.RepeatProduct), Saturate(Parts.Sum(p => p.Size)));

    /// <summary>The first that leads to a match; at least two branches.</summary>
    internal sealed record Alternate(IReadOnlyList<PatternNode> Branches)
        : PatternNode(
            Branches.Max(b => b.Height) + 1,
            Branches.Max(b => b.RepeatProduct),
            Saturate(Branches.Sum(b => b.Size) + Branches.Count - 1)
        );

    private static long Saturate(long size) => Math.Min(size, 1L << 40);
}

/// <summary>The conditions on a place. Words are ASCII, <c>[0-9A-Za-z_]</c>.</summary>
internal enum AssertionKind
{
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NotWordBoundary,
}
