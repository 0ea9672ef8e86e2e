using System.Text;

namespace Tributary.Patterns;

/// <summary>Writes what a template makes of the texts that a pattern matches as a whole; both together, ready to run.</summary>
/// <remarks>
/// Of several ways to match counts the one that Perl, RE2 and Go prefer (leftmost-first). Takes time linear in the text
/// and memory bounded by the program. Safe for concurrent use.
/// </remarks>
public sealed class PatternExpansion
{
    /// <summary>The most slots of one machine's lists; templates that need more run it repeatedly.</summary>
    private const long MaxSlots = 1 << 20;

    private const int MaxGroupsPerMachine = 64;

    private readonly RePattern pattern;
    private readonly ReplacementPiece[] pieces;
    private readonly int[] groups;
    private readonly CaptureLayout? layout;
    private readonly CaptureMachine? machine;
    private readonly string? constant;

    /// <summary>Joins a pattern and a template.</summary>
    public PatternExpansion(RePattern pattern, ReplacementTemplate template)
    {
        this.pattern = pattern;
        var names = CaptureTree.Names(pattern.Syntax);
        pieces = [.. template.Parts.Select(part => ReplacementPiece.Of(part, names)).Where(piece => !piece.IsEmpty)];
        groups = [.. pieces.SelectMany(piece => piece.Groups).Where(group => group > 0).Distinct().Order()];
        constant = Array.TrueForAll(pieces, piece => piece.Literal is not null)
            ? string.Concat(pieces.Select(piece => piece.Literal))
            : null;
        if (groups.Length == 0)
        {
            return;
        }
        layout = CaptureLayout.Of(CaptureTree.Prune(pattern.Syntax, groups.ToHashSet()));
        if (layout is null && groups.Length <= GroupsPerMachine)
        {
            machine = MachineOf(groups);
        }
    }

    /// <summary>How many groups one machine looks for.</summary>
    private int GroupsPerMachine => (int)Math.Clamp(MaxSlots / (4 * (pattern.Syntax.Size + 1)), 1, MaxGroupsPerMachine);

    /// <summary>Writes the template with the groups of a match.</summary>
    /// <param name="value">The text, which has to match as a whole.</param>
    /// <param name="result">The text written; <paramref name="value"/> itself where that is all.</param>
    /// <returns>Whether it matches.</returns>
    public bool TryExpand(string value, out string result) => TryExpand(value, out result, out _);

    /// <summary>As <see cref="TryExpand(string, out string)"/>; also counts what the machines looked at.</summary>
    internal bool TryExpand(string value, out string result, out long steps)
    {
        if (!pattern.IsMatch(value, out steps))
        {
            result = "";
            return false;
        }
        if (constant is not null)
        {
            result = constant;
            return true;
        }
        Span<int> places =
            groups.Length <= MaxGroupsPerMachine ? stackalloc int[2 * groups.Length] : new int[2 * groups.Length];
        FindGroups(value, places, ref steps);
        result = Write(value, places);
        return true;
    }

    private void FindGroups(string value, Span<int> places, ref long steps)
    {
        if (layout is not null)
        {
            for (var i = 0; i < groups.Length; i++)
            {
                (places[2 * i], places[2 * i + 1]) = layout.Find(groups[i], value.Length);
            }
            return;
        }
        if (machine is not null)
        {
            machine.TryFind(value, places, ref steps);
            return;
        }
        // Far more groups than any rule has: machines are made for the moment, so that they take no memory together.
        foreach (var some in groups.Chunk(GroupsPerMachine))
        {
            MachineOf(some).TryFind(value, places[..(2 * some.Length)], ref steps);
            places = places[(2 * some.Length)..];
        }
    }

    private CaptureMachine MachineOf(int[] wanted) =>
        new(CaptureProgram.Of(CaptureTree.Prune(pattern.Syntax, wanted.ToHashSet()), wanted), wanted.Length);

    private string Write(string value, ReadOnlySpan<int> places)
    {
        if (pieces is [{ Literal: null } only])
        {
            var text = TextOf(only, value, places);
            return text.Length < value.Length ? text.ToString() : value;
        }
        var output = new StringBuilder();
        foreach (var piece in pieces)
        {
            output.Append(piece.Literal is { } literal ? literal.AsSpan() : TextOf(piece, value, places));
        }
        return output.ToString();
    }

    /// <summary>The first of the piece's groups that took part; empty when none did.</summary>
    private ReadOnlySpan<char> TextOf(ReplacementPiece piece, string value, ReadOnlySpan<int> places)
    {
        foreach (var group in piece.Groups)
        {
            if (group == 0)
            {
                return value;
            }
            var index = 2 * Array.BinarySearch(groups, group);
            if (places[index] >= 0)
            {
                return value.AsSpan(places[index]..places[index + 1]);
            }
        }
        return default;
    }
}
