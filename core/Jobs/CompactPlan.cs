using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;

namespace Tributary.Jobs;

/// <summary>What a run of <see cref="CompactJob"/> does, and how much it may take.</summary>
public sealed record CompactPlan
{
    /// <summary>Somebody else commits at the same time: then a run ends, and the next one goes on.</summary>
    internal const int MaxRefusals = 3;

    /// <summary>How often a process looks for files that no row names.</summary>
    internal static readonly TimeSpan SweepEvery = TimeSpan.FromHours(24);

    /// <summary>Memory and temporary files.</summary>
    public CompactionOptions Options { get; init; } = new();

    /// <summary>What is kept.</summary>
    public RetentionPlan Retention { get; init; } = new();

    /// <summary>Which log files become blocks.</summary>
    public LevelOnePlan LevelOne { get; init; } = new() { GroupBytes = 1024L * 1024 * 1024 };

    /// <summary>Which blocks become larger ones.</summary>
    public MergePlan Merge { get; init; } =
        new() { Retention = RetentionPlan.DefaultTime, InputBytes = 4L * 1024 * 1024 * 1024 };

    /// <summary>When garbage goes.</summary>
    public GarbageOptions Garbage { get; init; } = new();

    /// <summary>Log files that a destination of remote write has not taken are kept for so long.</summary>
    public TimeSpan RemoteWriteMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>After so long no further step is begun: a function's time is limited.</summary>
    public TimeSpan NoNewStepAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After so many blocks no further one is begun.</summary>
    public int MaxBlocks { get; init; } = int.MaxValue;
}

/// <summary>What a run of <see cref="CompactJob"/> did.</summary>
public sealed record CompactResult
{
    /// <summary>Another process compacts; nothing was done.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>Time was up, or as many blocks were made as were wanted: there may be more to do.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>Blocks made of log files.</summary>
    public int LogBlocks { get; init; }

    /// <summary>Blocks made of blocks.</summary>
    public int Merges { get; init; }

    /// <summary>What they are, in the order in which they were made; a step that left no samples is not among them.</summary>
    public IReadOnlyList<BlockDescription> Made { get; init; } = [];

    /// <summary>Steps done in vain, because another commit came first.</summary>
    public int Refused { get; init; }

    /// <summary>Blocks that became too old, or too many.</summary>
    public int RetiredBlocks { get; init; }

    /// <summary>Log files that became too old.</summary>
    public int RetiredLogFiles { get; init; }

    /// <summary>Blocks whose files are gone.</summary>
    public int RemovedBlocks { get; init; }

    /// <summary>Log files that are in blocks, and gone.</summary>
    public int RemovedLogFiles { get; init; }

    /// <summary>Damaged blobs, and what could not be removed.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
