namespace Tributary.PromQL.Functions;

/// <summary><c>mad_over_time</c>: the median of the distances from the median.</summary>
internal sealed class MadOverTime : FloatFunction
{
    /// <inheritdoc/>
    protected override void Compute(
        ReadOnlySpan<long> times,
        ReadOnlySpan<double> values,
        in RangeInput input,
        double[] result
    )
    {
        var window = new SortedWindow();
        var windows = new WindowSlider(times, input);
        var (first, next) = (0, 0);
        while (windows.Next())
        {
            QuantileOverTime.Slide(window, values, windows, ref first, ref next);
            if (windows.Count > 0)
            {
                result[windows.Step] = window.NaNs > 0 ? double.NaN : Of(window);
            }
        }
    }

    private static double Of(SortedWindow window)
    {
        var numbers = window.Numbers;
        var median = window.Quantile(0.5);
        if (double.IsInfinity(numbers[0]) || double.IsInfinity(numbers[^1]) || !double.IsFinite(median))
        {
            return OfInfinite(numbers, median);
        }
        // Distances rise to both sides of the median: merged from there, the middle ones are soon found.
        var (left, right) = ((numbers.Length - 1) / 2, ((numbers.Length - 1) / 2) + 1);
        var (lower, upper) = ((numbers.Length - 1) / 2, numbers.Length / 2);
        var (atLower, distance) = (0.0, 0.0);
        for (var i = 0; i <= upper; i++)
        {
            var toLeft = left >= 0 ? Math.Abs(numbers[left] - median) : double.PositiveInfinity;
            var toRight = right < numbers.Length ? Math.Abs(numbers[right] - median) : double.PositiveInfinity;
            distance = Math.Min(toLeft, toRight);
            (left, right) = toLeft <= toRight ? (left - 1, right) : (left, right + 1);
            atLower = i == lower ? distance : atLower;
        }
        return lower == upper ? distance : (atLower * 0.5) + (distance * 0.5);
    }

    private static double OfInfinite(ReadOnlySpan<double> numbers, double median)
    {
        var distances = new SortedWindow();
        distances.Reset([.. numbers.ToArray().Select(number => Math.Abs(number - median))]);
        return distances.Quantile(0.5);
    }
}
