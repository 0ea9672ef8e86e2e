namespace Tributary.Configuration;

/// <summary>What is kept: <c>storage.tsdb.retention</c>, or our own <c>tributary.storage.retention</c>, which wins.</summary>
/// <remarks>As in Prometheus, 15 days when nothing is said, and no time when only a size is.</remarks>
public sealed record StorageConfig
{
    /// <summary>Prometheus' default: 15 days.</summary>
    public static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(15);

    /// <summary>How long samples are kept; null for ever.</summary>
    public TimeSpan? RetentionTime { get; init; } = DefaultRetention;

    /// <summary>Bytes that all data may take; null for any number.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>Blocks of others that are read besides our own.</summary>
    public IReadOnlyList<AttachedConfig> Attached { get; init; } = [];
}
