using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>Which samples decide the change over an <c>anchored</c> or <c>smoothed</c> window.</summary>
/// <param name="First">The last sample at or before the start, or the first one.</param>
/// <param name="Last">The last sample; smoothed the first at or behind the end, if there is one.</param>
/// <param name="StartMs">The start of the window itself.</param>
/// <param name="EndMs">Its end.</param>
/// <param name="IsSmoothed">Whether values at the bounds are interpolated.</param>
internal readonly record struct ExtendedWindow(int First, int Last, long StartMs, long EndMs, bool IsSmoothed)
{
    /// <summary>Finds them; null when no sample lies behind the start, or, smoothed, none before the end.</summary>
    /// <param name="times">One at least: the samples of the extended window.</param>
    /// <param name="input">The windows.</param>
    /// <param name="step">Which window.</param>
    public static ExtendedWindow? Find(ReadOnlySpan<long> times, in RangeInput input, int step)
    {
        var end = input.Ends.At(step);
        var start = end - input.RangeMs;
        var isSmoothed = input.Context.Extension == WindowExtension.Smoothed;
        var last = times.Length - 1;
        var first = Math.Max(0, FirstBehind(times[..last], start) - 1);
        if (isSmoothed)
        {
            last = FirstBehind(times[..last], end - 1);
        }
        return times[last] <= start || (isSmoothed && times[first] > end)
            ? null
            : new ExtendedWindow(first, last, start, end, isSmoothed);
    }

    /// <summary>Whether the value at the start lies between two samples.</summary>
    public bool IsLeftBetween(ReadOnlySpan<long> times) => IsSmoothed && times[First] < StartMs;

    /// <summary>Whether the value at the end lies between two samples.</summary>
    public bool IsRightBetween(ReadOnlySpan<long> times) => IsSmoothed && Last > 0 && times[Last] > EndMs;

    private static int FirstBehind(ReadOnlySpan<long> times, long atMs)
    {
        var index = times.BinarySearch(atMs);
        return index < 0 ? ~index : index + 1;
    }
}
