using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>What start timestamps of counters tell. Times are milliseconds, 0 is not known.</summary>
internal static class StartTimes
{
    /// <summary>Whether a counter was started anew between two samples.</summary>
    /// <param name="starts">Start times; empty when none are known, or not to be looked at.</param>
    /// <param name="times">Times of the samples.</param>
    /// <param name="index">The later sample, above 0.</param>
    public static bool IsReset(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int index)
    {
        if (starts.IsEmpty)
        {
            return false;
        }
        var (start, before) = (starts[index], times[index - 1]);
        if (start == 0 || start >= times[index] || start < before)
        {
            return false;
        }
        // Equal to the sample before: so are samples of a delta series, and those whose start is not known, which have it
        // so from the first on.
        var startBefore = starts[index - 1];
        return start > before || (startBefore != 0 && startBefore < before);
    }

    /// <summary>Whether a start lies before the sample before, although that one started otherwise.</summary>
    /// <inheritdoc cref="IsReset"/>
    public static bool IsOverlap(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, int index) =>
        !starts.IsEmpty
        && starts[index] != 0
        && starts[index] < times[index - 1]
        && starts[index] != starts[index - 1];

    /// <summary>The start times that a call looks at.</summary>
    public static SeriesSamples Used(in RangeInput input) =>
        input.Context.UsesStartTimes || input.Samples.StartTimes.IsEmpty
            ? input.Samples
            : new SeriesSamples(input.Samples.Times, input.Samples.Values, input.Samples.Histograms);
}
