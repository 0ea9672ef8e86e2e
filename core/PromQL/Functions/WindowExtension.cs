namespace Tributary.PromQL.Functions;

/// <summary>Which samples outside of a window a range function may look at.</summary>
internal enum WindowExtension : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>anchored</c>: those before it, as far back as the lookback.</summary>
    Anchored,

    /// <summary><c>smoothed</c>: those before and behind it, as far as the lookback.</summary>
    Smoothed,
}
