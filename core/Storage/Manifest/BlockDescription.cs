using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Manifest;

/// <summary>What is known of a block without opening it: what its <c>meta.json</c> says, as far as the manifest needs it.</summary>
public sealed record BlockDescription
{
    /// <summary>What the names of all files of all blocks begin with.</summary>
    public const string Prefix = "blocks/";

    /// <summary>The file that makes a block whole: written last, deleted first.</summary>
    public const string MetaFile = "meta.json";

    /// <summary>The block.</summary>
    public required Ulid Ulid { get; init; }

    /// <summary>1 for a block made of log files; a merge is one above its highest input.</summary>
    public required int Level { get; init; }

    /// <summary>First millisecond of its range.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>First millisecond after its range.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>
    /// Its place among all blocks: one above the commit number it was planned on. Of two blocks that conflict the lower
    /// one counts; a delete applies to blocks up to its own number.
    /// </summary>
    public required long Number { get; init; }

    /// <summary>Series in it.</summary>
    public long Series { get; init; }

    /// <summary>Samples in it.</summary>
    public long Samples { get; init; }

    /// <summary>Chunks in it.</summary>
    public long Chunks { get; init; }

    /// <summary>The level-1 blocks it descends from; itself for one of level 1.</summary>
    public IReadOnlyList<Ulid> Sources { get; init; } = [];

    /// <summary>The blocks it was merged from.</summary>
    public IReadOnlyList<Ulid> Parents { get; init; } = [];

    /// <summary>Its files.</summary>
    public IReadOnlyList<BlockFile> Files { get; init; } = [];

    /// <summary>The log files that went into it; known from <c>meta.json</c> alone, the manifest keeps them by window.</summary>
    public IReadOnlyList<ConsumedLogFile> Consumed { get; init; } = [];

    /// <summary>Bytes of all its files.</summary>
    public long Bytes => Files.Sum(file => file.SizeBytes);

    /// <summary>What the names of a block's files begin with.</summary>
    public static string PrefixOf(Ulid ulid) => $"{Prefix}{ulid}/";

    /// <summary>Whether the block's half-open range has a moment of a closed range.</summary>
    public bool Overlaps(TimeRange range) => MinTimeMs <= range.MaxMs && MaxTimeMs > range.MinMs;

    /// <summary>Whether two half-open ranges share a moment.</summary>
    public bool Overlaps(long minTimeMs, long maxTimeMs) => MinTimeMs < maxTimeMs && minTimeMs < MaxTimeMs;
}

/// <summary>A file of a block.</summary>
/// <param name="Path">Its path inside the block's folder.</param>
/// <param name="SizeBytes">Its length.</param>
public readonly record struct BlockFile(string Path, long SizeBytes);

/// <summary>A log file whose content is in a block.</summary>
/// <param name="Name">The file; sealed before its length was read.</param>
/// <param name="LengthBytes">How much of it is in the block: all of it.</param>
public readonly record struct ConsumedLogFile(LogFileName Name, long LengthBytes);
