namespace Tributary.RemoteWrite.Sending;

/// <summary>What was done for a destination since this process began.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">Its address, without credentials and parameters.</param>
public sealed record DestinationFigures(string Name, string Url)
{
    /// <summary>Float samples that it has taken.</summary>
    public long Samples { get; init; }

    /// <summary>Native histograms that it has taken.</summary>
    public long Histograms { get; init; }

    /// <summary>Metadata entries that it has taken.</summary>
    public long Metadata { get; init; }

    /// <summary>Float samples that it refused, and that were passed.</summary>
    public long SamplesFailed { get; init; }

    /// <summary>Native histograms that it refused.</summary>
    public long HistogramsFailed { get; init; }

    /// <summary>Metadata entries that it did not take.</summary>
    public long MetadataFailed { get; init; }

    /// <summary>Samples and histograms that were sent again.</summary>
    public long Retried { get; init; }

    /// <summary>Samples that <c>write_relabel_configs</c> dropped.</summary>
    public long DroppedByRules { get; init; }

    /// <summary>Samples that were older than <c>sample_age_limit</c>.</summary>
    public long DroppedAsOld { get; init; }

    /// <summary>Native histograms that are not to be sent.</summary>
    public long DroppedHistograms { get; init; }

    /// <summary>Bytes of requests that it has taken, compressed.</summary>
    public long Bytes { get; init; }

    /// <summary>The newest timestamp that it has taken, milliseconds since the epoch.</summary>
    public long HighestSentMs { get; init; }

    /// <summary>Bytes of the log that it has still to take.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Log files that were deleted before it had taken them.</summary>
    public long LostFiles { get; init; }

    /// <summary>Whether this process is the one that sends.</summary>
    public bool IsSender { get; init; }

    /// <summary>Requests at once, at most, in the last round.</summary>
    public int Shards { get; init; }

    /// <summary>Why it does not take anything at the moment, without secrets; empty when it does.</summary>
    public string Error { get; init; } = "";
}
