namespace Tributary.Stores.Azure;

/// <summary>How long to wait for the service, and how often to ask again for what can be asked twice (reads).</summary>
public sealed record AzureRequestOptions
{
    /// <summary>The usual: 30 s, three further tries after 0.4 s and more.</summary>
    public static AzureRequestOptions Default { get; } = new();

    /// <summary>The longest wait for one answer; requests with a body get a second more for each MiB.</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further tries of a read.</summary>
    public int ReadRetries { get; init; } = 3;

    /// <summary>Before the second try; doubled with each further one; the service's Retry-After wins.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Entries in one page of a list or query; the service's own (5000 blobs, 1000 rows) when null.</summary>
    public int? PageSize { get; init; }
}
