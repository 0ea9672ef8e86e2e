using System.Globalization;

namespace Tributary.Patterns;

/// <summary>The character classes that have names: Perl's and POSIX', in ASCII, and Unicode's.</summary>
internal static class NamedRuneSets
{
    public static readonly RuneSet Word = RuneSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    private static readonly RuneSet Digit = RuneSet.Of(('0', '9'));
    private static readonly RuneSet PerlSpace = RuneSet.Of(('\t', '\n'), ('\f', '\r'), (' ', ' '));

    private static readonly Dictionary<string, RuneSet> Posix = new()
    {
        ["alnum"] = RuneSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        ["alpha"] = RuneSet.Of(('A', 'Z'), ('a', 'z')),
        ["ascii"] = RuneSet.Of((0, 0x7F)),
        ["blank"] = RuneSet.Of(('\t', '\t'), (' ', ' ')),
        ["cntrl"] = RuneSet.Of((0, 0x1F), (0x7F, 0x7F)),
        ["digit"] = Digit,
        ["graph"] = RuneSet.Of(('!', '~')),
        ["lower"] = RuneSet.Of(('a', 'z')),
        ["print"] = RuneSet.Of((' ', '~')),
        ["punct"] = RuneSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        ["space"] = RuneSet.Of(('\t', '\r'), (' ', ' ')),
        ["upper"] = RuneSet.Of(('A', 'Z')),
        ["word"] = Word,
        ["xdigit"] = RuneSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
    };

    // In the order of UnicodeCategory's members.
    private static readonly string[] CategoryNames =
    [
        .. "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So".Split(' '),
    ];

    private static readonly Lazy<Dictionary<string, RuneSet>> Categories = new(BuildCategories);

    /// <summary>What <c>\d</c>, <c>\s</c> and <c>\w</c> stand for; null for another letter.</summary>
    public static RuneSet? FindPerl(char letter) =>
        letter switch
        {
            'd' => Digit,
            's' => PerlSpace,
            'w' => Word,
            _ => null,
        };

    /// <summary>What <c>[:name:]</c> stands for.</summary>
    public static RuneSet? FindPosix(string name) => Posix.GetValueOrDefault(name);

    /// <summary>What <c>\p{name}</c> stands for: <c>Any</c>, a general category of one or two letters, or a script.</summary>
    public static RuneSet? FindUnicode(string name) =>
        name == "Any" ? RuneSet.All
        : name.Length <= 2 ? Categories.Value.GetValueOrDefault(name)
        : ScriptRanges.ByName.GetValueOrDefault(name);

    private static Dictionary<string, RuneSet> BuildCategories()
    {
        var ranges = new List<(int Low, int High)>[CategoryNames.Length + 1];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = [];
        }
        var start = 0;
        for (var rune = 1; rune <= RuneSet.MaxRune + 1; rune++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(start);
            if (rune > RuneSet.MaxRune || CharUnicodeInfo.GetUnicodeCategory(rune) != category)
            {
                ranges[(int)category].Add((start, rune - 1));
                start = rune;
            }
        }
        var sets = new Dictionary<string, RuneSet>();
        for (var i = 0; i < CategoryNames.Length; i++)
        {
            sets[CategoryNames[i]] = RuneSet.Of([.. ranges[i]]);
        }
        foreach (var group in CategoryNames.Select((name, index) => (name, index)).GroupBy(c => c.name[..1]).ToList())
        {
            sets[group.Key] = RuneSet.Of([.. group.SelectMany(c => ranges[c.index])]);
        }
        return sets;
    }
}
