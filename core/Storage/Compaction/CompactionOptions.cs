using Tributary.Storage.Blocks;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>What a compaction may use.</summary>
public sealed record CompactionOptions
{
    /// <summary>Memory for the data on its way, besides the process' own.</summary>
    public long MemoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Where temporary files go; they are gone when the compaction ends, however it does.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>The most that temporary files may take; null is no limit.</summary>
    public long? MaxTemporaryBytes { get; init; }

    /// <summary>What the names of written files begin with, up to the ULID; elsewhere than the blocks that count: a snapshot.</summary>
    internal string Container { get; init; } = BlockPaths.Container;

    /// <summary>The value of the label that all our blocks have, for Thanos; the job fills it in.</summary>
    public string StoreId { get; init; } = "";

    /// <summary>How blocks are written with them.</summary>
    internal BlockWriterOptions Writing =>
        new()
        {
            Container = Container,
            Index = new IndexWriterOptions { Folder = Folder },
        };
}
