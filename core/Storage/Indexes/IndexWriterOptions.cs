namespace Tributary.Storage.Indexes;

/// <summary>How much memory the writing of an index may take besides symbols and series references.</summary>
internal sealed record IndexWriterOptions
{
    /// <summary>Where temporary files go.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Bytes of the labels of all series that stay in memory.</summary>
    public long ScratchMemoryBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Postings that are brought into order at once, 4 bytes each.</summary>
    public int PostingsPerPass { get; init; } = 4 * 1024 * 1024;
}
