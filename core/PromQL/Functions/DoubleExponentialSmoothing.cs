using System.Globalization;

namespace Tributary.PromQL.Functions;

/// <summary><c>double_exponential_smoothing</c>: the scalar arguments are the smoothing factor and the trend factor.</summary>
internal sealed class DoubleExponentialSmoothing : FloatFunction
{
    /// <inheritdoc/>
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
            // As upstream, which meets the factors only where there are samples of the series, be they histograms.
            if (windows.Count == 0 && input.Samples.IsFloats)
            {
                continue;
            }
            var smoothing = Factor(input.Parameter[windows.Step], "smoothing", "sf");
            var trend = Factor(input.Parameter2[windows.Step], "trend", "tf");
            if (windows.Count >= 2)
            {
                result[windows.Step] = Of(values[windows.Low..windows.High], smoothing, trend);
            }
        }
    }

    private static double Of(ReadOnlySpan<double> values, double smoothing, double trendFactor)
    {
        var (before, smoothed) = (0.0, values[0]);
        var trend = values[1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            if (i > 1)
            {
                trend = (trendFactor * (smoothed - before)) + ((1 - trendFactor) * trend);
            }
            var next = (smoothing * values[i]) + ((1 - smoothing) * (smoothed + trend));
            (before, smoothed) = (smoothed, next);
        }
        return smoothed;
    }

    private static double Factor(double value, string name, string symbol) =>
        value <= 0 || value >= 1
            ? throw new FunctionException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"invalid {name} factor. Expected: 0 < {symbol} < 1, got: {value:F6}"
                )
            )
            : value;
}
