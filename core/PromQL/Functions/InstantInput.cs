using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>One series of a vector, and the scalar arguments.</summary>
internal readonly ref struct InstantInput
{
    /// <summary>Its values; the same object may be the result, too.</summary>
    public required StepColumn Column { get; init; }

    /// <summary>The first scalar argument at each step; empty when the call has none.</summary>
    public ReadOnlySpan<double> Parameter { get; init; }

    /// <summary>The second scalar argument at each step.</summary>
    public ReadOnlySpan<double> Parameter2 { get; init; }
}
