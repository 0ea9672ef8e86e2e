using System.Runtime.CompilerServices;

namespace Tributary.PromQL.Values;

/// <summary>
/// Compensated summation after Kahan and Neumaier: what rounding loses is kept aside. The steps are upstream's, since sums
/// of cancelling numbers show each of them.
/// </summary>
internal static class KahanSum
{
    /// <summary>Adds a number. The sum so far is <c>sum + lost</c>.</summary>
    /// <param name="value">What to add.</param>
    /// <param name="sum">The sum.</param>
    /// <param name="lost">What rounding has lost; 0 once the sum is infinite.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double value, ref double sum, ref double lost)
    {
        var next = sum + value;
        if (double.IsInfinity(next))
        {
            lost = 0;
        }
        else if (Math.Abs(sum) >= Math.Abs(value))
        {
            lost += sum - next + value;
        }
        else
        {
            lost += value - next + sum;
        }
        sum = next;
    }
}
