namespace Tributary.Model;

/// <summary>The order of label text: by UTF-8 bytes, which is the order of code points.</summary>
/// <remarks>Ordinal string order differs: it puts U+1F600 (surrogates, 0xD83D…) before U+E000.</remarks>
public static class Utf8Order
{
    /// <summary>Compares two texts as their UTF-8 bytes would compare.</summary>
    public static int Compare(string left, string right)
    {
        if (ReferenceEquals(left, right))
        {
            return 0;
        }
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }
        return Rank(left[common]).CompareTo(Rank(right[common]));
    }

    /// <summary>Moves the surrogates, which stand for code points above U+FFFF, behind all other UTF-16 units.</summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
