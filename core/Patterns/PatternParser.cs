using System.Globalization;
using System.Text;

namespace Tributary.Patterns;

/// <summary>Reads RE2's syntax as Go's <c>regexp</c> accepts it, with the dot matching newlines as in Prometheus.</summary>
/// <remarks>See https://github.com/google/re2/wiki/Syntax. Groups are a stack of our own, so depth costs no call stack.</remarks>
internal sealed class PatternParser
{
    private const int MaxRepeat = 1000;
    private const int MaxHeight = 1000;
    private const int MaxRanges = 500_000;
    private const int MaxLength = 1 << 20;
    private const string TooLarge = "expression too large";
    private const string MissingParenthesis = "missing closing )";
    private const string InvalidPerl = "invalid or unsupported Perl syntax";

    private readonly PatternReader reader;
    private readonly CharClassParser classes;
    private readonly Stack<PatternGroup> groups = new();
    private PatternGroup group;
    private PatternFlags flags;
    private int captures;
    private int rangeCount;

    /// <summary>Where the repetition just read begins; −1 when the last thing read was none.</summary>
    private int repeatStart = -1;

    private PatternParser(string pattern, PatternFlags flags)
    {
        this.flags = flags;
        reader = new PatternReader(pattern);
        classes = new CharClassParser(reader);
        group = new PatternGroup(flags, 0, null);
    }

    /// <exception cref="PatternException">RE2 refuses the pattern.</exception>
    public static PatternNode Parse(string pattern) => Parse(pattern, PatternFlags.DotMatchesNewline);

    /// <summary>Reads a pattern with flags that hold from its beginning.</summary>
    /// <exception cref="PatternException">RE2 refuses the pattern.</exception>
    public static PatternNode Parse(string pattern, PatternFlags flags)
    {
        if (pattern.Length > MaxLength)
        {
            throw new PatternException(TooLarge, pattern, 0);
        }
        var parser = new PatternParser(pattern, flags);
        while (!parser.reader.AtEnd)
        {
            var start = parser.reader.Position;
            var isRepeat = parser.ReadNext();
            parser.repeatStart = isRepeat ? start : -1;
        }
        if (parser.groups.Count > 0)
        {
            throw parser.reader.RefuseRest(MissingParenthesis, 0);
        }
        return parser.Checked(parser.group.Close());
    }

    /// <summary>Reads one thing; whether it was a repetition.</summary>
    private bool ReadNext()
    {
        switch (reader.Current)
        {
            case '(':
                ReadOpen();
                break;
            case ')':
                ReadClose();
                break;
            case '|':
                reader.Skip(1);
                group.NextBranch();
                break;
            case '^':
                ReadAssertion(
                    1,
                    flags.HasFlag(PatternFlags.MultiLine) ? AssertionKind.BeginLine : AssertionKind.BeginText
                );
                break;
            case '$':
                ReadAssertion(1, flags.HasFlag(PatternFlags.MultiLine) ? AssertionKind.EndLine : AssertionKind.EndText);
                break;
            case '.':
                reader.Skip(1);
                Add(flags.HasFlag(PatternFlags.DotMatchesNewline) ? RuneSet.All : RuneSet.OfRune('\n').Negate());
                break;
            case '[':
                Add(classes.ReadBracketed(flags.HasFlag(PatternFlags.FoldCase)));
                break;
            case '*':
                return ReadRepeat(1, 0, null);
            case '+':
                return ReadRepeat(1, 1, null);
            case '?':
                return ReadRepeat(1, 0, 1);
            case '{' when TryReadCounts(out var length, out var min, out var max):
                return ReadRepeat(length, min, max);
            case '\\':
                ReadBackslash();
                break;
            default:
                AddRune(reader.ReadRune());
                break;
        }
        return false;
    }

    private void ReadAssertion(int length, AssertionKind kind)
    {
        reader.Skip(length);
        group.Add(new PatternNode.Assertion(kind));
    }

    private void ReadBackslash()
    {
        var start = reader.Position;
        switch (start + 1 < reader.Pattern.Length ? reader.Pattern[start + 1] : '\0')
        {
            case 'A':
                ReadAssertion(2, AssertionKind.BeginText);
                return;
            case 'z':
                ReadAssertion(2, AssertionKind.EndText);
                return;
            case 'b':
                ReadAssertion(2, AssertionKind.WordBoundary);
                return;
            case 'B':
                ReadAssertion(2, AssertionKind.NotWordBoundary);
                return;
            case 'Q':
                ReadQuoted();
                return;
        }
        if (classes.TryReadNamed(flags.HasFlag(PatternFlags.FoldCase)) is { } set)
        {
            Add(set);
        }
        else
        {
            AddRune(reader.ReadEscape());
        }
    }

    /// <summary><c>\Q…\E</c>; without its end it lasts to the end of the pattern.</summary>
    private void ReadQuoted()
    {
        reader.Skip(2);
        while (!reader.AtEnd && !reader.TrySkip(@"\E"))
        {
            AddRune(reader.ReadRune());
        }
    }

    private void AddRune(int rune)
    {
        if (flags.HasFlag(PatternFlags.FoldCase))
        {
            Add(CharClassParser.OfRune(rune, fold: true));
        }
        else
        {
            Add(RuneSet.OfRune(rune));
        }
    }

    private void Add(RuneSet set)
    {
        var ranges = set.Ranges;
        if (ranges.Length == 1 && ranges[0].Low == ranges[0].High && Rune.IsValid(ranges[0].Low))
        {
            group.Add(new PatternNode.Literal(char.ConvertFromUtf32(ranges[0].Low)));
            return;
        }
        rangeCount += ranges.Length;
        if (rangeCount > MaxRanges)
        {
            throw reader.RefuseRest(TooLarge, 0);
        }
        group.Add(new PatternNode.CharClass(set));
    }

    /// <summary>Applies a repetition of <paramref name="length"/> units to what was read last in the group.</summary>
    private bool ReadRepeat(int length, int min, int? max)
    {
        var start = reader.Position;
        reader.Skip(length);
        if (min > MaxRepeat || max > MaxRepeat || max < min)
        {
            throw reader.Refuse("invalid repeat count", start);
        }
        var greedy = !reader.TrySkip("?") ^ flags.HasFlag(PatternFlags.Ungreedy);
        if (repeatStart >= 0)
        {
            throw reader.Refuse("invalid nested repetition operator", repeatStart);
        }
        if (group.TakeLast() is not { } inner)
        {
            throw reader.Refuse("missing argument to repetition operator", start);
        }
        var repeat = new PatternNode.Repeat(inner, min, max, greedy);
        if ((min >= 2 || max >= 2) && repeat.RepeatProduct > MaxRepeat)
        {
            throw reader.Refuse("invalid repeat count", start);
        }
        group.Add(Checked(repeat));
        return true;
    }

    /// <summary>Looks for <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else is a literal brace.</summary>
    private bool TryReadCounts(out int length, out int min, out int? max)
    {
        var text = reader.Pattern.AsSpan(reader.Position);
        var at = 1;
        length = 0;
        max = null;
        if (!TryReadCount(text, ref at, out min))
        {
            return false;
        }
        if (at < text.Length && text[at] == ',')
        {
            at++;
            if (at < text.Length && text[at] != '}')
            {
                if (!TryReadCount(text, ref at, out var limit))
                {
                    return false;
                }
                max = limit;
            }
        }
        else
        {
            max = min;
        }
        length = at + 1;
        return at < text.Length && text[at] == '}';
    }

    /// <summary>A decimal number without leading zeros; one beyond the limit reads as just beyond it.</summary>
    private static bool TryReadCount(ReadOnlySpan<char> text, ref int at, out int count)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        var digits = text[start..at];
        count = 0;
        if (digits.Length == 0 || (digits.Length > 1 && digits[0] == '0'))
        {
            return false;
        }
        count = digits.Length > 4 ? MaxRepeat + 1 : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    private void ReadOpen()
    {
        if (NameStart() is { } nameStart)
        {
            ReadNamedOpen(nameStart);
        }
        else if (reader.StartsWith("(?"))
        {
            ReadFlags();
        }
        else
        {
            reader.Skip(1);
            Open(flags, ++captures, null);
        }
    }

    private void Open(PatternFlags flagsAfter, int capture, string? name)
    {
        groups.Push(group);
        group = new PatternGroup(flagsAfter, capture, name);
    }

    private void ReadClose()
    {
        if (groups.Count == 0)
        {
            throw new PatternException("unexpected )", reader.Pattern, reader.Position);
        }
        reader.Skip(1);
        var inner = group.Close();
        var node = group.Capture > 0 ? new PatternNode.Capture(group.Capture, group.Name, inner) : inner;
        flags = group.FlagsAfter;
        group = groups.Pop();
        group.Add(Checked(node));
    }

    /// <summary>Where the name of the group at the cursor begins; null when it is not a named one.</summary>
    private int? NameStart()
    {
        var start =
            reader.StartsWith("(?P<") ? reader.Position + 4
            : reader.StartsWith("(?<") ? reader.Position + 3
            : -1;
        return start >= 0 && start < reader.Pattern.Length ? start : null;
    }

    private void ReadNamedOpen(int nameStart)
    {
        var start = reader.Position;
        var end = reader.Pattern.IndexOf('>', nameStart);
        if (end < 0)
        {
            throw reader.RefuseRest("invalid named capture", start);
        }
        var name = reader.Pattern[nameStart..end];
        reader.MoveTo(end + 1);
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw reader.Refuse("invalid named capture", start);
        }
        Open(flags, ++captures, name);
    }

    /// <summary><c>(?flags)</c>, which lasts to the end of the group, or <c>(?flags:</c>, which opens one.</summary>
    private void ReadFlags()
    {
        var start = reader.Position;
        var result = flags;
        var clear = false;
        var sawFlag = true;
        reader.Skip(2);
        while (!reader.AtEnd)
        {
            var rune = reader.ReadRune();
            if (rune == '-' && !clear)
            {
                clear = true;
                sawFlag = false;
                continue;
            }
            if (rune is ':' or ')' && sawFlag)
            {
                if (rune == ':')
                {
                    Open(flags, 0, null);
                }
                flags = result;
                return;
            }
            if (FlagOf(rune) is not { } flag)
            {
                break;
            }
            result = clear ? result & ~flag : result | flag;
            sawFlag = true;
        }
        throw reader.Refuse(InvalidPerl, start);
    }

    private static PatternFlags? FlagOf(int rune) =>
        rune switch
        {
            'i' => PatternFlags.FoldCase,
            'm' => PatternFlags.MultiLine,
            's' => PatternFlags.DotMatchesNewline,
            'U' => PatternFlags.Ungreedy,
            _ => null,
        };

    private PatternNode Checked(PatternNode node) =>
        node.Height <= MaxHeight ? node : throw reader.RefuseRest("expression nests too deeply", 0);
}

/// <summary>What <c>(?imsU)</c> switches.</summary>
[Flags]
internal enum PatternFlags
{
    None = 0,
    FoldCase = 1,
    MultiLine = 2,
    DotMatchesNewline = 4,
    Ungreedy = 8,
}
