using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tributary.Storage.Compaction;

/// <summary>Bytes that grow at many ends at once, in memory that is taken once and used again: chains of pieces.</summary>
/// <remarks>
/// A piece is the place of the piece before it (4 bytes), its length (2 bytes), its bytes. So the memory is what is written
/// and six bytes a piece, and nothing is left to the garbage collector.
/// </remarks>
internal sealed class ChunkPieces
{
    /// <summary>The most that fits.</summary>
    public const long MaxBytes = 1L << 32;

    private const int SegmentBits = 18;
    private const int SegmentBytes = 1 << SegmentBits;
    private const int HeadBytes = sizeof(uint) + sizeof(ushort);
    private const int MostPieceBytes = 16 * 1024;

    private readonly List<byte[]> segments = [];
    private int segment;
    private int used = HeadBytes;

    /// <summary>Bytes in use.</summary>
    public long UsedBytes => ((long)segment << SegmentBits) + used - HeadBytes;

    /// <summary>Adds bytes behind those of a chain.</summary>
    /// <param name="before">The place of the chain's last piece; 0 for a new chain.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The place of its last piece now; never 0.</returns>
    public uint Add(uint before, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > MostPieceBytes)
        {
            before = AddPiece(before, bytes[..MostPieceBytes]);
            bytes = bytes[MostPieceBytes..];
        }
        return AddPiece(before, bytes);
    }

    /// <summary>Copies all pieces of a chain.</summary>
    /// <param name="last">The place of its last piece; 0 for none.</param>
    /// <param name="target">As long as the chain.</param>
    public void Copy(uint last, Span<byte> target)
    {
        for (var place = last; place != 0; )
        {
            var piece = segments[(int)(place >> SegmentBits)].AsSpan((int)(place & (SegmentBytes - 1)));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(piece[sizeof(uint)..]);
            piece.Slice(HeadBytes, length).CopyTo(target[^length..]);
            target = target[..^length];
            place = MemoryMarshal.Read<uint>(piece);
        }
    }

    /// <summary>Forgets everything; the memory stays.</summary>
    public void Clear() => (segment, used) = (0, HeadBytes);

    private uint AddPiece(uint before, ReadOnlySpan<byte> bytes)
    {
        if (used + HeadBytes + bytes.Length > SegmentBytes)
        {
            if (segment + 1 >= MaxBytes >> SegmentBits)
            {
                throw new InvalidOperationException("more than 4 GiB of chunks in memory");
            }
            segment++;
            used = 0;
        }
        if (segment == segments.Count)
        {
            segments.Add(GC.AllocateUninitializedArray<byte>(SegmentBytes));
        }
        var piece = segments[segment].AsSpan(used);
        MemoryMarshal.Write(piece, before);
        BinaryPrimitives.WriteUInt16LittleEndian(piece[sizeof(uint)..], (ushort)bytes.Length);
        bytes.CopyTo(piece[HeadBytes..]);
        var place = ((uint)segment << SegmentBits) | (uint)used;
        used += HeadBytes + bytes.Length;
        return place;
    }
}
