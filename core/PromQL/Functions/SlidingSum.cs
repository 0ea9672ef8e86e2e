using System.Runtime.CompilerServices;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>Compensated sums of all windows, each sample added about twice instead of once per window.</summary>
/// <remarks>
/// Two stacks: behind a cut, sums of all suffixes that end there; from the cut on, one running sum. A window is one of
/// each. Sums are pairs of what is there and what rounding lost, so that the order of additions does not show in the
/// digits; only infinite sums on the way would, and those are refused (<see cref="Suits"/>).
/// </remarks>
internal static class SlidingSum
{
    private const double LargestSum = 1e300;

    /// <summary>Whether sliding is as exact as adding each window anew, and less work.</summary>
    /// <param name="times">Of the samples.</param>
    /// <param name="values">The samples.</param>
    /// <param name="input">The windows.</param>
    public static bool Suits(ReadOnlySpan<long> times, ReadOnlySpan<double> values, in RangeInput input)
    {
        var work = 0L;
        var windows = new WindowSlider(times, input);
        while (windows.Next())
        {
            work += windows.Count;
        }
        if (work < 4L * (values.Length + input.Ends.Count))
        {
            return false;
        }
        var limit = LargestSum / values.Length;
        foreach (var value in values)
        {
            if (!(Math.Abs(value) < limit))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Computes the sum of every window.</summary>
    /// <param name="times">Of the samples.</param>
    /// <param name="values">The samples.</param>
    /// <param name="input">The windows.</param>
    /// <param name="sums">One per window; not written where a window is empty.</param>
    /// <param name="lost">What rounding lost of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        in RangeInput input,
        Span<double> sums,
        Span<double> lost
    )
    {
        var (suffixes, suffixesLost) = (new double[values.Length], new double[values.Length]);
        var (cut, next) = (0, 0);
        var (sum, lostSum) = (0.0, 0.0);
        var windows = new WindowSlider(times, input);
        while (windows.Next())
        {
            if (windows.Count == 0)
            {
                continue;
            }
            if (windows.Low >= cut)
            {
                // The suffixes are used up: all that is known becomes suffixes.
                cut = windows.High;
                Suffixes(values, windows.Low, cut, suffixes, suffixesLost);
                (next, sum, lostSum) = (cut, 0, 0);
            }
            for (; next < windows.High; next++)
            {
                KahanSum.Add(values[next], ref sum, ref lostSum);
            }
            var (whole, lostWhole) = (suffixes[windows.Low], suffixesLost[windows.Low]);
            KahanSum.Add(sum, ref whole, ref lostWhole);
            (sums[windows.Step], lost[windows.Step]) = (whole, lostWhole + lostSum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Suffixes(
        ReadOnlySpan<double> values,
        int low,
        int high,
        double[] suffixes,
        double[] suffixesLost
    )
    {
        var (sum, lost) = (0.0, 0.0);
        for (var i = high - 1; i >= low; i--)
        {
            KahanSum.Add(values[i], ref sum, ref lost);
            (suffixes[i], suffixesLost[i]) = (sum, lost);
        }
    }
}
