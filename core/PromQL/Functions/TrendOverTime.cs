namespace Tributary.PromQL.Functions;

/// <summary><c>deriv</c>, and <c>predict_linear</c> whose scalar argument is seconds from the step.</summary>
/// <param name="predicts">Which of the two.</param>
internal sealed class TrendOverTime(bool predicts) : FloatFunction
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
            if (windows.Count < 2)
            {
                continue;
            }
            var (low, high) = (windows.Low, windows.High);
            // A slope does not depend on the origin, so deriv takes a near one, which loses the fewest digits.
            var origin = predicts ? input.Steps.At(windows.Step) : times[low];
            var (slope, intercept) = LinearRegression.Of(times[low..high], values[low..high], origin);
            result[windows.Step] = predicts ? (slope * input.Parameter[windows.Step]) + intercept : slope;
        }
    }
}
