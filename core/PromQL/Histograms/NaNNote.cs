namespace Tributary.PromQL.Histograms;

/// <summary>What observations of NaN do to a quantile or a fraction.</summary>
internal enum NaNNote : byte
{
    /// <summary>Nothing: there are none.</summary>
    None,

    /// <summary>The result is NaN.</summary>
    Result,

    /// <summary>A quantile is higher than without them; a fraction leaves them out.</summary>
    Skew,
}
