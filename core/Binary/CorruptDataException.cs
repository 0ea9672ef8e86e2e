namespace Tributary.Binary;

/// <summary>Stored bytes are not what their format says.</summary>
public sealed class CorruptDataException(string blob, long offsetBytes, string problem, Exception? inner = null)
    : Exception($"{blob}: offset {offsetBytes}: {problem}", inner)
{
    /// <summary>The blob or file that holds the bytes.</summary>
    public string Blob { get; } = blob;

    /// <summary>Where in it, in bytes.</summary>
    public long OffsetBytes { get; } = offsetBytes;
}
