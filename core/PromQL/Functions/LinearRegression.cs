using System.Runtime.CompilerServices;
using Tributary.PromQL.Values;

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
        var (sumX, lostX, sumY, lostY) = (0.0, 0.0, 0.0, 0.0);
        var (sumXY, lostXY, sumXX, lostXX) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            var x = (times[i] - originMs) / 1000.0;
            KahanSum.Add(x, ref sumX, ref lostX);
            KahanSum.Add(values[i], ref sumY, ref lostY);
            KahanSum.Add(x * values[i], ref sumXY, ref lostXY);
            KahanSum.Add(x * x, ref sumXX, ref lostXX);
        }
        sumX += lostX;
        sumY += lostY;
        sumXY += lostXY;
        sumXX += lostXX;
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
