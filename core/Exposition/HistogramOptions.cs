namespace Tributary.Exposition;

/// <summary>What becomes of histograms in a body.</summary>
/// <param name="IsNativeRead">Whether native histograms are taken; else their classic buckets are all there is of them.</param>
/// <param name="KeepsClassic">Whether classic buckets are taken beside the native histogram of the same metric.</param>
/// <param name="ConvertsClassic">Whether classic histograms become native ones with custom buckets.</param>
internal sealed record HistogramOptions(bool IsNativeRead, bool KeepsClassic, bool ConvertsClassic)
{
    /// <summary>Classic series alone.</summary>
    public static readonly HistogramOptions Classic = new(false, false, false);
}
