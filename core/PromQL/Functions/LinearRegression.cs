using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tributary.PromQL.Functions;

/// <summary>A line through samples by least squares.</summary>
internal static class LinearRegression
{
    /// <summary>The slope per second, and the value at a time.</summary>
    /// <param name="times">Milliseconds.</param>
    /// <param name="values">One at least; when all are equal the line is flat, and NaN when they are infinite.</param>
    /// <param name="originMs">The time.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Slope, double Intercept) Of(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        long originMs
    )
    {
        if (IsConstant(values))
        {
            return double.IsInfinity(values[0]) ? (double.NaN, double.NaN) : (0, values[0]);
        }
        // Four compensated sums at once, each as KahanSum has it: the error of an addition is the same whichever operand is
        // greater.
        var (sums, lost) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = ((times[i] - originMs) / 1000.0, values[i]);
            var value = Vector256.Create(x, y, x * y, x * x);
            var next = sums + value;
            var part = next - sums;
            lost += (sums - (next - part)) + (value - part);
            lost = Vector256.ConditionalSelect(
                Vector256.Equals(Vector256.Abs(next), Vector256.Create(double.PositiveInfinity)),
                Vector256<double>.Zero,
                lost
            );
            sums = next;
        }
        sums += lost;
        var (sumX, sumY, sumXY, sumXX) = (sums[0], sums[1], sums[2], sums[3]);
        double n = values.Length;
        var slope = (sumXY - (sumX * sumY / n)) / (sumXX - (sumX * sumX / n));
        return (slope, (sumY / n) - (slope * sumX / n));
    }

    private static bool IsConstant(ReadOnlySpan<double> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] != values[0])
            {
                return false;
            }
        }
        return true;
    }
}
