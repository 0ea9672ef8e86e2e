using Tributary.Model;

namespace Tributary.PromQL.Evaluation;

/// <summary>Texts by natural order: runs of digits compare as numbers, everything else as text.</summary>
internal static class NaturalOrder
{
    /// <summary>Compares two texts; 0 only for equal ones.</summary>
    public static int Compare(string one, string other)
    {
        var left = one.AsSpan();
        var right = other.AsSpan();
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var first = Next(ref left);
            var second = Next(ref right);
            var order =
                char.IsAsciiDigit(first[0]) && char.IsAsciiDigit(second[0])
                    ? CompareNumbers(first, second)
                    : Utf8Order.Compare(first.ToString(), second.ToString());
            if (order != 0)
            {
                return order;
            }
        }
        var byLength = left.Length.CompareTo(right.Length);
        // Numbers may be equal and written differently.
        return byLength != 0 ? byLength : Utf8Order.Compare(one, other);
    }

    /// <summary>The next run of digits, or of no digits.</summary>
    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> text)
    {
        var isNumber = char.IsAsciiDigit(text[0]);
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == isNumber)
        {
            length++;
        }
        var run = text[..length];
        text = text[length..];
        return run;
    }

    private static int CompareNumbers(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        one = one.TrimStart('0');
        other = other.TrimStart('0');
        var byLength = one.Length.CompareTo(other.Length);
        return byLength != 0 ? byLength : one.SequenceCompareTo(other);
    }
}
