namespace Tributary.Patterns;

/// <summary>A literal, or the groups of which the first that took part is written.</summary>
internal readonly record struct ReplacementPiece(string? Literal, int[] Groups)
{
    /// <summary>Whether it never writes anything.</summary>
    public bool IsEmpty => Literal is null && Groups.Length == 0;

    /// <summary>What a part of a replacement means for a pattern with these groups, the whole match first.</summary>
    public static ReplacementPiece Of(TemplatePart part, IReadOnlyList<string?> names)
    {
        if (part.IsLiteral)
        {
            return new ReplacementPiece(part.Literal, []);
        }
        if (part.Number >= 0)
        {
            return new ReplacementPiece(null, part.Number < names.Count ? [part.Number] : []);
        }
        var named = Enumerable
            .Range(0, names.Count)
            .Where(i => string.Equals(names[i], part.Name, StringComparison.Ordinal));
        return new ReplacementPiece(null, [.. named]);
    }
}
