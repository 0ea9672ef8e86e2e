using System.Collections.Frozen;
using Tributary.Model;

namespace Tributary.PromQL.Syntax;

/// <summary>The words of the language; case does not matter.</summary>
internal static class Keywords
{
    private const int Longest = 12;

    private static readonly FrozenDictionary<string, TokenKind>.AlternateLookup<ReadOnlySpan<char>> Words = Build()
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What a word is; an identifier if it is no keyword and has no colon.</summary>
    public static TokenKind KindOf(ReadOnlySpan<char> word) =>
        word.Length <= Longest && Words.TryGetValue(word, out var kind) ? kind
        : word.Contains(':') ? TokenKind.MetricIdentifier
        : TokenKind.Identifier;

    /// <summary>The word of durations that a word is, if it is one; the only words inside brackets.</summary>
    public static TokenKind? DurationWord(ReadOnlySpan<char> word) =>
        KindOf(word) is var kind and >= TokenKind.Step ? kind : null;

    /// <summary>Whether a label needs no quotes in a list of labels.</summary>
    public static bool IsPlainLabel(string label) =>
        LabelText.IsPlainName(label) && KindOf(label) is not (TokenKind.Without or TokenKind.Number);

    private static FrozenDictionary<string, TokenKind> Build()
    {
        var words = new Dictionary<string, TokenKind>(StringComparer.OrdinalIgnoreCase)
        {
            ["offset"] = TokenKind.Offset,
            ["smoothed"] = TokenKind.Smoothed,
            ["anchored"] = TokenKind.Anchored,
            ["by"] = TokenKind.By,
            ["without"] = TokenKind.Without,
            ["fill"] = TokenKind.Fill,
            ["fill_left"] = TokenKind.FillLeft,
            ["fill_right"] = TokenKind.FillRight,
            ["on"] = TokenKind.On,
            ["ignoring"] = TokenKind.Ignoring,
            ["group_left"] = TokenKind.GroupLeft,
            ["group_right"] = TokenKind.GroupRight,
            ["bool"] = TokenKind.Bool,
            ["start"] = TokenKind.Start,
            ["end"] = TokenKind.End,
            ["step"] = TokenKind.Step,
            ["range"] = TokenKind.Range,
            ["max_of"] = TokenKind.MaxOf,
            ["min_of"] = TokenKind.MinOf,
            ["or"] = TokenKind.Or,
            ["and"] = TokenKind.And,
            ["unless"] = TokenKind.Unless,
            ["atan2"] = TokenKind.Atan2,
            ["inf"] = TokenKind.Number,
            ["nan"] = TokenKind.Number,
        };
        foreach (var @operator in Enum.GetValues<AggregateOperator>())
        {
            words.Add(@operator.Name(), TokenKind.Sum + (byte)@operator);
        }
        return words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
