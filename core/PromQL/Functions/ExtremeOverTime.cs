using System.Runtime.CompilerServices;

namespace Tributary.PromQL.Functions;

/// <summary>
/// <c>max_over_time</c>, <c>min_over_time</c>, and <c>ts_of_…</c>: the extreme value of a window, or when it was. NaN
/// counts only where there is nothing else.
/// </summary>
/// <remarks>
/// A queue of the samples that may still become the extreme one: each is worse than those before it, so that the first is
/// the answer and each sample comes in and goes out once.
/// </remarks>
/// <param name="isMax">The greatest, or the least.</param>
/// <param name="givesTime">Its time in seconds (of several the last), or the value (of several the first, as zeros have signs).</param>
internal sealed class ExtremeOverTime(bool isMax, bool givesTime) : FloatFunction
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
        var queue = new int[values.Length];
        var (head, tail, taken) = (0, 0, 0);
        var windows = new WindowSlider(times, input);
        while (windows.Next())
        {
            for (; taken < windows.High; taken++)
            {
                var value = values[taken];
                if (double.IsNaN(value))
                {
                    continue;
                }
                while (tail > head && IsBeaten(values[queue[tail - 1]], value))
                {
                    tail--;
                }
                queue[tail++] = taken;
            }
            while (head < tail && queue[head] < windows.Low)
            {
                head++;
            }
            if (windows.Count > 0)
            {
                var best = head < tail ? queue[head] : windows.High - 1;
                result[windows.Step] = givesTime ? times[best] / 1000.0 : values[best];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsBeaten(double old, double value) =>
        givesTime ? (isMax ? old <= value : old >= value)
        : isMax ? old < value
        : old > value;
}
