using Tributary.Model;

namespace Tributary.Storage.Head;

/// <summary>Which of two different values of one series and timestamp counts, in whatever order they are met.</summary>
/// <remarks>
/// A real sample beats a staleness marker; of two real ones the greater counts, so that a counter never steps back, and any
/// number beats NaN.
/// </remarks>
internal static class SampleRule
{
    /// <summary>The one of two values that counts.</summary>
    public static double Choose(double left, double right)
    {
        if (StaleMarker.IsStale(left))
        {
            return right;
        }
        if (StaleMarker.IsStale(right))
        {
            return left;
        }
        if (double.IsNaN(left) != double.IsNaN(right))
        {
            return double.IsNaN(left) ? right : left;
        }
        // Of two NaNs, and of −0 and 0, which compare equal, the one with the smaller bits.
        if (left == right || double.IsNaN(left))
        {
            return Bits(left) <= Bits(right) ? left : right;
        }
        return left > right ? left : right;
    }

    /// <summary>
    /// The one of two histograms that counts: a real one before a marker, then the greater count, sum, zero count, and the
    /// greater first bucket, threshold or bound in which they differ.
    /// </summary>
    public static Histogram Choose(Histogram left, Histogram right)
    {
        if (left.IsStale || right.IsStale)
        {
            return left.IsStale ? right : left;
        }
        var order = left.Count.CompareTo(right.Count);
        order = order != 0 ? order : left.Sum.CompareTo(right.Sum);
        order = order != 0 ? order : left.ZeroCount.CompareTo(right.ZeroCount);
        order = order != 0 ? order : left.IsFloat.CompareTo(right.IsFloat);
        order = order != 0 ? order : left.Layout.Schema.CompareTo(right.Layout.Schema);
        if (order == 0)
        {
            var (one, other) = (left.Compact(), right.Compact());
            order = one.Layout.PositiveIndexes.SequenceCompareTo(other.Layout.PositiveIndexes);
            order = order != 0 ? order : one.Layout.NegativeIndexes.SequenceCompareTo(other.Layout.NegativeIndexes);
            order = order != 0 ? order : one.BucketBits.SequenceCompareTo(other.BucketBits);
            order = order != 0 ? order : left.Layout.ZeroThreshold.CompareTo(right.Layout.ZeroThreshold);
            order = order != 0 ? order : left.Layout.CustomValues.SequenceCompareTo(right.Layout.CustomValues);
            // Zeros and NaNs, which compare equal.
            order = order != 0 ? order : Bits(left.Sum).CompareTo(Bits(right.Sum));
        }
        return order >= 0 ? left : right;
    }

    /// <summary>Whether two values are the same sample, bit for bit.</summary>
    public static bool Same(double left, double right) => Bits(left) == Bits(right);

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
