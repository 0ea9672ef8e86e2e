namespace Tributary.Tests.Unit.Deployment;

/// <summary>What Thanos expects in an object store: https://thanos.io/tip/thanos/storage.md/#data-in-object-storage.</summary>
internal static class ThanosLayout
{
    /// <summary>The container that has nothing but blocks at its top.</summary>
    public const string Container = "blocks";

    /// <summary>
    /// The fields of <c>meta.json</c> that its components read, by their path, and the kind of JSON value: those that its
    /// page names, and the index statistics by which the Store Gateway sizes its reads.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Fields { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ulid"] = "String",
            ["minTime"] = "Number",
            ["maxTime"] = "Number",
            ["stats.numSamples"] = "Number",
            ["stats.numSeries"] = "Number",
            ["stats.numChunks"] = "Number",
            ["compaction.level"] = "Number",
            ["compaction.sources"] = "Array",
            ["version"] = "Number",
            ["thanos.version"] = "Number",
            ["thanos.labels"] = "Object",
            ["thanos.downsample.resolution"] = "Number",
            ["thanos.source"] = "String",
            ["thanos.files"] = "Array",
            ["thanos.index_stats.series_max_size"] = "Number",
            ["thanos.index_stats.chunk_max_size"] = "Number",
        };
}
