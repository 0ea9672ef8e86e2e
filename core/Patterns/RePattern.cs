namespace Tributary.Patterns;

/// <summary>An RE2 regular expression as Prometheus 3 uses it: it has to match the whole text, and the dot matches newlines.</summary>
/// <remarks>
/// The syntax is that of https://github.com/google/re2/wiki/Syntax as Go takes it. A match takes time linear in the text.
/// Texts are well-formed UTF-16, as whatever was read from UTF-8 is. Instances are immutable to their users and safe for
/// concurrent use.
/// </remarks>
public sealed class RePattern
{
    private readonly HashSet<string>? literals;
    private readonly GapMatcher? gaps;
    private readonly PatternMachine? machine;

    private RePattern(string text, PatternNode syntax, bool fastPaths, int stateBudget)
    {
        Text = text;
        Syntax = syntax;
        MatchesEmpty = PatternShape.MatchesEmpty(syntax);
        var body = PatternShape.StripAnchors(syntax);
        Prefix = PatternShape.Prefix(body);
        literals = LiteralExpansion.Of(body)?.ToHashSet(StringComparer.Ordinal);
        gaps = literals is null ? GapMatcher.Of(body) : null;
        MatchesEverything = gaps?.OnlyMinimum == 0;
        MatchesNonEmpty = gaps?.OnlyMinimum == 1;
        if (!fastPaths || (literals is null && gaps is null))
        {
            machine = BuildMachine(text, syntax, stateBudget);
        }
    }

    /// <summary>The pattern as it was written, without anchors added.</summary>
    public string Text { get; }

    /// <summary>
    /// All texts that match, compared ordinally, at most 16,384; null when the pattern is not just an enumeration of
    /// literals. Classes and optional parts are written out while they make at most 256 texts.
    /// </summary>
    public IReadOnlyCollection<string>? Literals => literals;

    /// <summary>A text that every match begins with, ordinally; may be empty.</summary>
    public string Prefix { get; }

    /// <summary>Whether the empty text matches, and so a label that a series does not have.</summary>
    public bool MatchesEmpty { get; }

    /// <summary>Whether the pattern is seen to match every text: <c>.*</c> in any spelling that is not far-fetched.</summary>
    public bool MatchesEverything { get; }

    /// <summary>Whether the pattern is seen to match every text but the empty one: <c>.+</c>.</summary>
    public bool MatchesNonEmpty { get; }

    /// <summary>The syntax tree, with its groups.</summary>
    internal PatternNode Syntax { get; }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="PatternException">RE2 refuses it, or its program would be too large.</exception>
    public static RePattern Parse(string pattern) => Parse(pattern, fastPaths: true, PatternMachine.StateBudget);

    /// <summary>Whether the whole of <paramref name="value"/> matches.</summary>
    public bool IsMatch(string value) => IsMatch(value, out _);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads a pattern, with the ways around the machine switched off or less memory for it.</summary>
    internal static RePattern Parse(string pattern, bool fastPaths, int stateBudget) =>
        new(pattern, PatternParser.Parse(pattern), fastPaths, stateBudget);

    /// <summary>As <see cref="IsMatch(string)"/>; also counts what the machine looked at, 0 when it was not asked.</summary>
    internal bool IsMatch(string value, out long steps)
    {
        steps = 0;
        return machine is not null ? machine.IsMatch(value, ref steps)
            : literals is not null ? literals.Contains(value)
            : gaps!.IsMatch(value);
    }

    private static PatternMachine BuildMachine(string text, PatternNode syntax, int stateBudget)
    {
        if (syntax.Size < PatternProgram.MaxSize)
        {
            var program = PatternProgram.Of(syntax);
            if (RuneAlphabet.Of(program) is { } alphabet)
            {
                return new PatternMachine(program, alphabet, stateBudget);
            }
        }
        throw new PatternException("expression too large", text, 0);
    }
}
