using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>How a block is written.</summary>
internal sealed record BlockWriterOptions
{
    /// <summary>What the names of its files begin with, up to the ULID.</summary>
    public string Container { get; init; } = BlockPaths.Container;

    /// <summary>The largest segment; tests make it small.</summary>
    public long MaxSegmentBytes { get; init; } = SegmentFormat.MaxBytes;

    /// <summary>Bounds of memory of the index.</summary>
    public IndexWriterOptions Index { get; init; } = new();
}
