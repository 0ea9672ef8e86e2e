using Tributary.Model;

namespace Tributary.PromQL.Notation;

/// <summary>One position of a series in the notation of tests.</summary>
/// <param name="Value">The float.</param>
/// <param name="Histogram">The histogram, if it is one.</param>
/// <param name="HasHint">Whether the notation says which counter reset hint the histogram has.</param>
/// <param name="IsOmitted">Whether there is no sample.</param>
internal readonly record struct NotedValue(double Value, Histogram? Histogram, bool HasHint, bool IsOmitted)
{
    /// <summary>No sample: <c>_</c>.</summary>
    public static readonly NotedValue Omitted = new(0, null, false, true);

    /// <summary>A float.</summary>
    public static NotedValue Of(double value) => new(value, null, false, false);

    /// <summary>A histogram.</summary>
    public static NotedValue Of(Histogram value, bool hasHint) => new(0, value, hasHint, false);
}
