using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>quantile_over_time</c>; the first scalar argument is the quantile.</summary>
internal sealed class QuantileOverTime : FloatFunction
{
    /// <summary>More changes than these from window to window sort it anew.</summary>
    private const int MaxSingleChanges = 64;

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
        var lastWarned = 0.5;
        while (windows.Next())
        {
            Slide(window, values, windows, ref first, ref next);
            if (windows.Count == 0)
            {
                continue;
            }
            var quantile = input.Parameter[windows.Step];
            if (!(quantile >= 0 && quantile <= 1) && !lastWarned.Equals(quantile))
            {
                lastWarned = quantile;
                input.Context.Annotations.Warn(AnnotationTexts.InvalidQuantile(quantile), input.Context.Position);
            }
            result[windows.Step] = window.Quantile(quantile);
        }
    }

    /// <summary>Brings the values of a window up to date.</summary>
    /// <param name="window">Holds the values from <paramref name="first"/> to <paramref name="next"/>.</param>
    /// <param name="values">All values.</param>
    /// <param name="windows">The window to reach.</param>
    /// <param name="first">The first value that is in.</param>
    /// <param name="next">The value behind the last that is in.</param>
    internal static void Slide(
        SortedWindow window,
        ReadOnlySpan<double> values,
        in WindowSlider windows,
        ref int first,
        ref int next
    )
    {
        var changes = Math.Min(windows.Low, next) - first + windows.High - Math.Max(next, windows.Low);
        if (changes > MaxSingleChanges)
        {
            // One by one each would move half of the window: very long windows would never end.
            window.Reset(values[windows.Low..windows.High]);
            (first, next) = (windows.Low, windows.High);
            return;
        }
        for (; first < windows.Low && first < next; first++)
        {
            window.Remove(values[first]);
        }
        // Values between two windows never come in.
        (first, next) = (windows.Low, Math.Max(next, windows.Low));
        for (; next < windows.High; next++)
        {
            window.Add(values[next]);
        }
    }
}
