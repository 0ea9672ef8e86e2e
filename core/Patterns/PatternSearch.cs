using System.Text;

namespace Tributary.Patterns;

/// <summary>An RE2 regular expression as Go's <c>regexp</c> uses it: it may match anywhere, and the dot matches no newline.</summary>
/// <remarks>Of several ways to match at one place counts the one that Go prefers (leftmost-first).</remarks>
public sealed class PatternSearch
{
    /// <summary>The most slots of a machine's lists.</summary>
    private const long MaxSlots = 1 << 22;

    private readonly string text;
    private readonly PatternNode syntax;
    private readonly IReadOnlyList<string?> names;

    private PatternSearch(string text, PatternNode syntax)
    {
        this.text = text;
        this.syntax = syntax;
        names = CaptureTree.Names(syntax);
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="PatternException">RE2 refuses it, or its program would be too large.</exception>
    public static PatternSearch Parse(string pattern)
    {
        var syntax = PatternParser.Parse(pattern, PatternFlags.None);
        return syntax.Size < PatternProgram.MaxSize
            ? new PatternSearch(pattern, syntax)
            : throw new PatternException("expression too large", pattern, 0);
    }

    /// <summary>Whether the pattern matches somewhere.</summary>
    public bool IsMatch(string value)
    {
        Span<int> places = stackalloc int[2];
        return MachineOf([0]).TryFindFirst(value, 0, places);
    }

    /// <summary>Replaces all matches from left to right.</summary>
    /// <param name="value">The text.</param>
    /// <param name="replacement">What takes their places, as <see cref="ReplacementTemplate"/> reads it.</param>
    /// <param name="maxLength">The longest result.</param>
    /// <returns>The new text; null where it would be longer.</returns>
    /// <exception cref="PatternException">The program for this replacement would be too large.</exception>
    public string? Replace(string value, string replacement, int maxLength)
    {
        var parts = ReplacementTemplate.Parse(replacement).Parts;
        var pieces = parts.Select(part => ReplacementPiece.Of(part, names)).ToArray();
        int[] groups = [.. pieces.SelectMany(piece => piece.Groups).Append(0).Distinct().Order()];
        var machine = MachineOf(groups);
        var places = new int[2 * groups.Length];
        var output = new StringBuilder();
        var (copied, from, lastEnd) = (0, 0, 0);
        while (from <= value.Length && output.Length <= maxLength && machine.TryFindFirst(value, from, places))
        {
            var (start, end) = (places[0], places[1]);
            output.Append(value, copied, start - copied);
            // An empty match right behind a match is none.
            if (end > lastEnd || start == 0)
            {
                Write(output, value, pieces, groups, places);
            }
            lastEnd = end;
            copied = end;
            from = end > start ? end : end + LengthAt(value, end);
            if (end == start)
            {
                output.Append(value, end, Math.Min(from, value.Length) - end);
                copied = Math.Min(from, value.Length);
            }
        }
        output.Append(value, copied, value.Length - copied);
        return output.Length <= maxLength ? output.ToString() : null;
    }

    private static void Write(
        StringBuilder output,
        string value,
        ReplacementPiece[] pieces,
        int[] groups,
        ReadOnlySpan<int> places
    )
    {
        foreach (var piece in pieces)
        {
            output.Append(piece.Literal);
            foreach (var group in piece.Groups)
            {
                var index = 2 * Array.BinarySearch(groups, group);
                if (places[index] >= 0)
                {
                    output.Append(value, places[index], places[index + 1] - places[index]);
                    break;
                }
            }
        }
    }

    /// <summary>A code point; at the end one step out of the text.</summary>
    private static int LengthAt(string value, int index) =>
        index < value.Length && Rune.TryGetRuneAt(value, index, out var rune) ? rune.Utf16SequenceLength : 1;

    private CaptureMachine MachineOf(int[] groups)
    {
        var skipped = new PatternNode.Repeat(new PatternNode.CharClass(RuneSet.All), 0, null, Greedy: false);
        var pruned = CaptureTree.Prune(syntax, groups.ToHashSet());
        var program = CaptureProgram.Of(
            new PatternNode.Concat([skipped, new PatternNode.Capture(0, null, pruned)]),
            groups
        );
        return (long)program.Instructions.Count * 2 * groups.Length <= MaxSlots
            ? new CaptureMachine(program, groups.Length)
            : throw new PatternException("expression too large", text, 0);
    }
}
