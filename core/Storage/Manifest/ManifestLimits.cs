using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Bounds of what the manifest's rows hold, so that every row and every transaction fits its store.</summary>
public static class ManifestLimits
{
    /// <summary>Blocks that one commit replaces, or takes out.</summary>
    public const int ReplacedBlocks = 40;

    /// <summary>Bytes of statistics kept beside a block's row.</summary>
    public const int StatisticsBytes = 16 * 1024;

    /// <summary>Level-1 blocks that a block may descend from.</summary>
    public const int Sources = 3000;

    /// <summary>Blocks that a block was merged from, one imported from elsewhere included.</summary>
    public const int Parents = 200;

    /// <summary>Files of one block.</summary>
    public const int Files = 500;

    /// <summary>Consumed log files that one window's row names; the garbage collection makes room.</summary>
    public const int ConsumedFiles = 2000;

    /// <summary>Characters of a reason; the rest is cut off.</summary>
    public const int ReasonLength = 500;

    /// <summary>Bytes of a row's record.</summary>
    public const int RecordBytes = StoreLimits.BytesPerProperty;

    /// <summary>Commits that the <c>state</c> row remembers, so that a committer finds its own.</summary>
    internal const int RecentCommits = 32;
}
