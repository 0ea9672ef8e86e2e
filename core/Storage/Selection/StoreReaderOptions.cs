namespace Tributary.Storage.Selection;

/// <summary>What a reader of the whole store may use.</summary>
internal sealed record StoreReaderOptions
{
    /// <summary>Memory for pages of blocks that were read.</summary>
    public long CacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Memory for decoded series of blocks.</summary>
    public long SeriesCacheBytes { get; init; } = 48L * 1024 * 1024;

    /// <summary>Bytes of log files outside blocks and head to keep; about twice that is memory.</summary>
    public long LogCacheBytes { get; init; } = 24L * 1024 * 1024;

    /// <summary>The folder of the temporary file for pages that memory has no room for; null for none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>The size of that file.</summary>
    public long CacheDiskBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The most samples that one selection loads, as Prometheus' <c>--query.max-samples</c>; a histogram counts as 16.</summary>
    public long MaxSamples { get; init; } = 50_000_000;
}
