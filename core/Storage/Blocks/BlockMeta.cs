using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>What <c>meta.json</c> says of a block; <c>docs/formats/meta-json.md</c>.</summary>
public sealed record BlockMeta
{
    /// <summary>The block.</summary>
    public required Ulid Ulid { get; init; }

    /// <summary>The first millisecond of its range.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>The first millisecond behind its range.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>What is in it.</summary>
    public BlockStatistics Statistics { get; init; } = new();

    /// <summary>1 for what was written from samples, one more than the highest input for a merge.</summary>
    public int Level { get; init; } = 1;

    /// <summary>The level-1 blocks whose samples it holds.</summary>
    public IReadOnlyList<Ulid> Sources { get; init; } = [];

    /// <summary>The blocks it was merged from.</summary>
    public IReadOnlyList<BlockParent> Parents { get; init; } = [];

    /// <summary>Thanos: labels that all its series have besides their own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Thanos: milliseconds between samples that were downsampled; 0: as they were scraped.</summary>
    public long ResolutionMs { get; init; }

    /// <summary>Thanos: who wrote it.</summary>
    public string Source { get; init; } = "";

    /// <summary>Thanos: its files, ordered by path; empty when nobody said.</summary>
    public IReadOnlyList<BlockMetaFile> Files { get; init; } = [];

    /// <summary>Thanos: bytes of the largest series in the index; 0 when nobody said.</summary>
    public long LargestSeriesBytes { get; init; }

    /// <summary>Thanos: bytes of the largest chunk; 0 when nobody said.</summary>
    public long LargestChunkBytes { get; init; }

    /// <summary>Ours: the log files whose samples it holds.</summary>
    public IReadOnlyList<BlockLogFile> LogFiles { get; init; } = [];

    /// <summary>Ours: its place among all blocks; 0 for blocks from elsewhere.</summary>
    public long CommitNumber { get; init; }
}

/// <summary>How much is in a block.</summary>
/// <param name="Samples">Samples of all kinds.</param>
/// <param name="FloatSamples">Floats; 0 where an older writer did not tell the kinds apart.</param>
/// <param name="HistogramSamples">Native histograms.</param>
/// <param name="Series">Series.</param>
/// <param name="Chunks">Chunks.</param>
/// <param name="Tombstones">Deleted ranges.</param>
public sealed record BlockStatistics(
    long Samples = 0,
    long FloatSamples = 0,
    long HistogramSamples = 0,
    long Series = 0,
    long Chunks = 0,
    long Tombstones = 0
);

/// <summary>A block that another one was merged from.</summary>
/// <param name="Ulid">The block.</param>
/// <param name="MinTimeMs">The first millisecond of its range.</param>
/// <param name="MaxTimeMs">The first millisecond behind its range.</param>
public sealed record BlockParent(Ulid Ulid, long MinTimeMs, long MaxTimeMs);

/// <summary>A file of a block.</summary>
/// <param name="Path">Its path inside the block.</param>
/// <param name="SizeBytes">Its length; 0 when nobody said (as for <c>meta.json</c>).</param>
public sealed record BlockMetaFile(string Path, long SizeBytes);

/// <summary>A log file whose samples are in a block.</summary>
/// <param name="Name">The file's name in the store.</param>
/// <param name="SizeBytes">Its length when it was sealed.</param>
public sealed record BlockLogFile(string Name, long SizeBytes);
