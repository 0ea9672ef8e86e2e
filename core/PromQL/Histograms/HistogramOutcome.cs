namespace Tributary.PromQL.Histograms;

/// <summary>What is worth an annotation about an addition or subtraction of histograms.</summary>
[Flags]
internal enum HistogramOutcome : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>One follows a counter reset, the other is known not to.</summary>
    ResetCollision = 1,

    /// <summary>Custom bounds differ: the result has those that both have.</summary>
    BoundsReconciled = 2,

    /// <summary>One has exponential buckets, the other custom ones: nothing was done.</summary>
    Incompatible = 4,
}
