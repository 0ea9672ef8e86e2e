namespace Tributary.Storage.Indexes;

/// <summary>Reads the numbers of a scratch file front to back; several may read one at a time.</summary>
/// <param name="scratch">Complete.</param>
internal sealed class ScratchReader(ScratchFile scratch)
{
    private byte[] buffer = [];
    private ReadOnlyMemory<byte> part;
    private int next;
    private int at;

    /// <summary>The next number, which was written as an unsigned varint.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public uint ReadUvarint()
    {
        while (at == part.Length)
        {
            if (next == scratch.Parts)
            {
                throw new IOException("a temporary file is shorter than it was written");
            }
            part = scratch.Read(next++, ref buffer);
            at = 0;
        }
        var bytes = part.Span;
        var value = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (b & 0x7fu) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
