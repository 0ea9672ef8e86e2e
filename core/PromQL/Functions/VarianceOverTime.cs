using System.Runtime.CompilerServices;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>stddev_over_time</c> and <c>stdvar_over_time</c>, of the population.</summary>
/// <remarks>
/// Each window anew: variances that are put together of parts lose the digits that a variance small against the mean
/// consists of.
/// </remarks>
/// <param name="isDeviation">The square root of the variance.</param>
internal sealed class VarianceOverTime(bool isDeviation) : FloatFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Compute(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        in RangeInput input,
        double[] result
    )
    {
        var windows = new WindowSlider(times, input);
        while (windows.Next())
        {
            if (windows.Count > 0)
            {
                var variance = Of(values[windows.Low..windows.High]);
                result[windows.Step] = isDeviation ? Math.Sqrt(variance) : variance;
            }
        }
    }

    /// <summary>The population variance by Welford's steps, compensated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Of(ReadOnlySpan<double> values)
    {
        var (mean, lostMean) = (0.0, 0.0);
        var (squares, lostSquares) = (0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            var distance = values[i] - (mean + lostMean);
            KahanSum.Add(distance / (i + 1), ref mean, ref lostMean);
            KahanSum.Add(distance * (values[i] - (mean + lostMean)), ref squares, ref lostSquares);
        }
        return (squares + lostSquares) / values.Length;
    }
}
