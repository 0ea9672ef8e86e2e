namespace Tributary.PromQL.Syntax;

/// <summary>How a range treats the samples around it.</summary>
public enum RangeExtension
{
    /// <summary>It does not.</summary>
    None,

    /// <summary><c>anchored</c>: the sample before the range stands at its start.</summary>
    Anchored,

    /// <summary><c>smoothed</c>: values at both ends are interpolated.</summary>
    Smoothed,
}
