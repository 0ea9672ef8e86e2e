using Tributary.Model;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>One position of a series in a PromQL test script.</summary>
/// <param name="Value">The float.</param>
/// <param name="Histogram">The histogram, if it is one.</param>
/// <param name="HasHint">Whether the script says which counter reset hint the histogram has.</param>
/// <param name="IsOmitted">Whether there is no sample.</param>
internal readonly record struct ScriptItem(double Value, Histogram? Histogram, bool HasHint, bool IsOmitted)
{
    public static readonly ScriptItem Omitted = new(0, null, false, true);

    public static ScriptItem Of(double value) => new(value, null, false, false);

    public static ScriptItem Of(Histogram value, bool hasHint) => new(0, value, hasHint, false);
}
