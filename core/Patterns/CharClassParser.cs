namespace Tributary.Patterns;

/// <summary>Reads what stands for one code point of a set: <c>[…]</c>, <c>\d</c>, <c>\pN</c>, <c>\p{Greek}</c>.</summary>
internal sealed class CharClassParser(PatternReader reader)
{
    private const string InvalidRange = "invalid character class range";

    private readonly Dictionary<(string Name, bool Fold), RuneSet> unicodeSets = [];

    /// <summary>A Perl or Unicode class at the cursor; null, without moving, when another thing is there.</summary>
    public RuneSet? TryReadNamed(bool fold)
    {
        if (reader.Current != '\\' || reader.Position + 1 >= reader.Pattern.Length)
        {
            return null;
        }
        var letter = reader.Pattern[reader.Position + 1];
        if (letter is 'p' or 'P')
        {
            return ReadUnicode(fold, negate: letter == 'P');
        }
        if (NamedRuneSets.FindPerl(char.ToLowerInvariant(letter)) is not { } set || !char.IsAscii(letter))
        {
            return null;
        }
        reader.Skip(2);
        set = fold ? Fold(set) : set;
        return char.IsAsciiLetterUpper(letter) ? set.Negate() : set;
    }

    /// <summary>A bracketed class; the cursor is at its bracket.</summary>
    public RuneSet ReadBracketed(bool fold)
    {
        var start = reader.Position;
        reader.Skip(1);
        var negate = reader.TrySkip("^");
        var ranges = new List<(int Low, int High)>();
        for (var first = true; first || reader.Current != ']'; first = false)
        {
            if (reader.AtEnd)
            {
                throw reader.RefuseRest("missing closing ]", start);
            }
            if ((TryReadPosix(fold) ?? TryReadNamed(fold)) is { } named)
            {
                ranges.AddRange(named.Ranges);
                continue;
            }
            var (low, high) = ReadRange(start);
            if (fold)
            {
                CaseFolding.AddFolded(ranges, low, high);
            }
            else
            {
                ranges.Add((low, high));
            }
        }
        reader.Skip(1);
        var set = RuneSet.Of([.. ranges]);
        return negate ? set.Negate() : set;
    }

    /// <summary>One code point, and under <paramref name="fold"/> those that are equal to it.</summary>
    public static RuneSet OfRune(int rune, bool fold) => fold ? Fold(RuneSet.OfRune(rune)) : RuneSet.OfRune(rune);

    private (int Low, int High) ReadRange(int start)
    {
        var rangeStart = reader.Position;
        var low = ReadRune(start);
        if (!reader.StartsWith("-") || reader.StartsWith("-]") || reader.Position + 1 >= reader.Pattern.Length)
        {
            return (low, low);
        }
        reader.Skip(1);
        var high = ReadRune(start);
        return low <= high ? (low, high) : throw reader.Refuse(InvalidRange, rangeStart);
    }

    private int ReadRune(int start)
    {
        if (reader.AtEnd)
        {
            throw reader.RefuseRest("missing closing ]", start);
        }
        return reader.Current == '\\' ? reader.ReadEscape() : reader.ReadRune();
    }

    private RuneSet? TryReadPosix(bool fold)
    {
        var start = reader.Position;
        if (
            !reader.StartsWith("[:")
            || reader.Pattern.IndexOf(":]", start + 2, StringComparison.Ordinal) is not (>= 0 and var end)
        )
        {
            return null;
        }
        reader.MoveTo(end + 2);
        var negate = reader.Pattern[start + 2] == '^';
        var name = reader.Pattern[(negate ? start + 3 : start + 2)..end];
        var set = NamedRuneSets.FindPosix(name) ?? throw reader.Refuse(InvalidRange, start);
        set = fold ? Fold(set) : set;
        return negate ? set.Negate() : set;
    }

    private RuneSet ReadUnicode(bool fold, bool negate)
    {
        var start = reader.Position;
        reader.Skip(2);
        var name = ReadUnicodeName(start);
        if (name.StartsWith('^'))
        {
            negate = !negate;
            name = name[1..];
        }
        if (!unicodeSets.TryGetValue((name, fold), out var set))
        {
            set = NamedRuneSets.FindUnicode(name) ?? throw reader.Refuse(InvalidRange, start);
            set = fold ? Fold(set) : set;
            unicodeSets.Add((name, fold), set);
        }
        return negate ? set.Negate() : set;
    }

    private string ReadUnicodeName(int start)
    {
        if (reader.AtEnd)
        {
            throw reader.Refuse(InvalidRange, start);
        }
        if (reader.Current != '{')
        {
            var at = reader.Position;
            reader.ReadRune();
            return reader.Pattern[at..reader.Position];
        }
        var end = reader.Pattern.IndexOf('}', reader.Position);
        if (end < 0)
        {
            throw reader.RefuseRest(InvalidRange, start);
        }
        var name = reader.Pattern[(reader.Position + 1)..end];
        reader.MoveTo(end + 1);
        return name;
    }

    private static RuneSet Fold(RuneSet set)
    {
        var ranges = new List<(int Low, int High)>();
        foreach (var (low, high) in set.Ranges)
        {
            CaseFolding.AddFolded(ranges, low, high);
        }
        return RuneSet.Of([.. ranges]);
    }
}
