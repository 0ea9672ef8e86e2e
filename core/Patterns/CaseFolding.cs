using System.Text;

namespace Tributary.Patterns;

/// <summary>Which code points are equal under Unicode's simple case folding.</summary>
internal static class CaseFolding
{
    private const int LastCasedRune = 0x1FFFF;
    private const int LongS = 0x17F;
    private const int KelvinSign = 0x212A;
    private const int DottedCapitalI = 0x130;
    private const int DotlessSmallI = 0x131;

    private static readonly Lazy<(int[] Runes, int[][] Orbits)> Table = new(BuildTable);

    /// <summary>Adds <paramref name="low"/> to <paramref name="high"/> and all that is equal to one of them.</summary>
    public static void AddFolded(List<(int Low, int High)> ranges, int low, int high)
    {
        ranges.Add((low, high));
        if (high < 0x80)
        {
            AddAscii(ranges, low, high);
            return;
        }
        if (low == 0 && high == RuneSet.MaxRune)
        {
            return;
        }
        var (runes, orbits) = Table.Value;
        var first = Array.BinarySearch(runes, low);
        for (var i = first < 0 ? ~first : first; i < runes.Length && runes[i] <= high; i++)
        {
            foreach (var other in orbits[i])
            {
                ranges.Add((other, other));
            }
        }
    }

    private static void AddAscii(List<(int Low, int High)> ranges, int low, int high)
    {
        for (var rune = low; rune <= high; rune++)
        {
            if (!char.IsAsciiLetter((char)rune))
            {
                continue;
            }
            ranges.Add((rune ^ 0x20, rune ^ 0x20));
            switch (rune | 0x20)
            {
                case 's':
                    ranges.Add((LongS, LongS));
                    break;
                case 'k':
                    ranges.Add((KelvinSign, KelvinSign));
                    break;
            }
        }
    }

    /// <summary>Joins every code point with its upper and its lower case.</summary>
    private static (int[] Runes, int[][] Orbits) BuildTable()
    {
        var orbitOf = new Dictionary<int, List<int>>();
        for (var rune = 0; rune <= LastCasedRune; rune++)
        {
            // The dotted and the dotless i fold to themselves only.
            if (Rune.IsValid(rune) && rune is not (DottedCapitalI or DotlessSmallI))
            {
                Join(orbitOf, rune, Rune.ToUpperInvariant(new Rune(rune)).Value);
                Join(orbitOf, rune, Rune.ToLowerInvariant(new Rune(rune)).Value);
            }
        }
        // Invariant case mapping leaves out what maps into ASCII.
        Join(orbitOf, LongS, 's');
        Join(orbitOf, KelvinSign, 'k');
        int[] runes = [.. orbitOf.Keys.Order()];
        return (runes, [.. runes.Select(rune => orbitOf[rune].ToArray())]);
    }

    private static void Join(Dictionary<int, List<int>> orbitOf, int left, int right)
    {
        if (left == right)
        {
            return;
        }
        var into = OrbitOf(orbitOf, left);
        var from = OrbitOf(orbitOf, right);
        if (ReferenceEquals(into, from))
        {
            return;
        }
        into.AddRange(from);
        foreach (var rune in from)
        {
            orbitOf[rune] = into;
        }
    }

    private static List<int> OrbitOf(Dictionary<int, List<int>> orbitOf, int rune)
    {
        if (!orbitOf.TryGetValue(rune, out var orbit))
        {
            orbit = [rune];
            orbitOf[rune] = orbit;
        }
        return orbit;
    }
}
