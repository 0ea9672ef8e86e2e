namespace Tributary.Benchmarks.Scenarios;

/// <summary>What a server finds when it starts.</summary>
internal enum ColdData
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>Samples that end now, in the log.</summary>
    RecentLog,

    /// <summary>Many days of blocks, merged as a server merges them, and no log.</summary>
    Blocks,
}
