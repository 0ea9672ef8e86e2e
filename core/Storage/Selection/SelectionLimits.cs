namespace Tributary.Storage.Selection;

/// <summary>How much selections may load together.</summary>
internal sealed record SelectionLimits
{
    /// <summary>Bytes of compressed chunks.</summary>
    public long MaxChunkBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Series.</summary>
    public long MaxSeries { get; init; } = 2_000_000;

    /// <summary>Samples of the log outside blocks and head, which are sorted in memory.</summary>
    public long MaxLogSamples { get; init; } = 50_000_000;
}
