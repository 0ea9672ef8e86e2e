namespace Tributary.Storage.Files;

/// <summary>A blob that never changes, and how long it is.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="LengthBytes">Its length.</param>
internal sealed record BlobFile(string Name, long LengthBytes);

/// <summary>A part of a file.</summary>
/// <param name="OffsetBytes">Where it begins.</param>
/// <param name="LengthBytes">How long it is.</param>
internal readonly record struct ByteRange(long OffsetBytes, long LengthBytes)
{
    /// <summary>The first byte behind it.</summary>
    public long EndBytes => OffsetBytes + LengthBytes;
}
