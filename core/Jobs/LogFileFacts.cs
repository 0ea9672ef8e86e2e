using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>What is known of a file of the log.</summary>
/// <param name="Blob">Name, length, time.</param>
public sealed record LogFileFacts(BlobInfo Blob)
{
    /// <summary>Series that it names.</summary>
    public int Series { get; init; }

    /// <summary>Batches whose report it holds.</summary>
    public long Batches { get; init; }

    /// <summary>Parts of batches whose report is in another window's file.</summary>
    public long OtherParts { get; init; }

    /// <summary>Samples in it, markers and report series included.</summary>
    public long Samples { get; init; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem { get; init; }
}
