using System.Buffers.Binary;

namespace Tributary.Binary;

/// <summary>Compression in snappy's block format, which Prometheus' remote protocols use.</summary>
/// <remarks>See <see href="https://github.com/google/snappy/blob/main/format_description.txt"/>.</remarks>
public static class SnappyBlock
{
    private const string Blob = "snappy block";

    /// <summary>Input is compressed in pieces of this size, so that offsets fit into 16 bits.</summary>
    private const int PieceBytes = 1 << 16;

    private const int TableBits = 14;
    private const int ShortestMatch = 4;

    /// <summary>No byte of a block stands for more bytes of content: copies of 64 bytes take three.</summary>
    private const int MaxRatio = 22;

    /// <summary>No match begins in the last bytes of a piece, so that four can always be read.</summary>
    private const int Margin = 15;

    /// <summary>Decompresses a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="maxBytes">The longest content that is taken; what a block declares is looked at before memory is taken.</param>
    /// <exception cref="CorruptDataException">It is no snappy block, or its content is longer.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> block, int maxBytes)
    {
        var content = new byte[LengthOf(block, maxBytes)];
        Decode(block, content);
        return content;
    }

    /// <summary>The length of a block's content, as the block declares it; not longer than any such block can have.</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, int)"/>
    public static int LengthOf(ReadOnlySpan<byte> block, int maxBytes)
    {
        var input = new ByteReader(block, Blob);
        var length = input.ReadUvarint();
        if (length > (ulong)maxBytes)
        {
            throw input.Corrupt($"decoded length {length} exceeds limit {maxBytes}");
        }
        return length <= (ulong)input.Remaining * MaxRatio
            ? (int)length
            : throw input.Corrupt($"decoded length {length} cannot be that of {input.Remaining} bytes");
    }

    /// <summary>Decompresses a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="content">Gets the content; as long as <see cref="LengthOf"/> says.</param>
    /// <exception cref="CorruptDataException">It is no snappy block, or its content has another length.</exception>
    public static void Decode(ReadOnlySpan<byte> block, Span<byte> content)
    {
        var input = new ByteReader(block, Blob);
        var length = input.ReadUvarint();
        if (length != (ulong)content.Length)
        {
            throw input.Corrupt($"decoded length {length} instead of {content.Length}");
        }
        var written = 0;
        while (input.Remaining > 0)
        {
            var tag = input.ReadByte();
            if ((tag & 3) == 0)
            {
                var count = LiteralLength(ref input, tag >> 2);
                if (count > (ulong)(content.Length - written))
                {
                    throw input.Corrupt("a literal is longer than the content");
                }
                input.ReadBytes((int)count).CopyTo(content[written..]);
                written += (int)count;
                continue;
            }
            var (size, offset) = ReadCopy(ref input, tag);
            if (offset == 0 || offset > (uint)written || size > content.Length - written)
            {
                throw input.Corrupt($"a copy of {size} bytes from {offset} back does not fit");
            }
            Copy(content, written, (int)offset, size);
            written += size;
        }
        if (written != content.Length)
        {
            throw input.Corrupt($"{written} of {length} bytes");
        }
    }

    /// <summary>Compresses bytes and appends the block.</summary>
    public static void Encode(ReadOnlySpan<byte> content, ByteWriter output)
    {
        output.WriteUvarint((ulong)content.Length);
        var table = new ushort[1 << TableBits];
        while (content.Length > 0)
        {
            var piece = content[..Math.Min(PieceBytes, content.Length)];
            Array.Clear(table);
            EncodePiece(piece, table, output);
            content = content[piece.Length..];
        }
    }

    private static ulong LiteralLength(ref ByteReader input, int code)
    {
        if (code < 60)
        {
            return (ulong)code + 1;
        }
        ulong length = 0;
        for (var i = 0; i < code - 59; i++)
        {
            length |= (ulong)input.ReadByte() << (8 * i);
        }
        return length + 1;
    }

    private static (int Size, uint Offset) ReadCopy(ref ByteReader input, byte tag)
    {
        switch (tag & 3)
        {
            case 1:
                return (((tag >> 2) & 7) + 4, ((uint)(tag >> 5) << 8) | input.ReadByte());
            case 2:
                return ((tag >> 2) + 1, BinaryPrimitives.ReadUInt16LittleEndian(input.ReadBytes(sizeof(ushort))));
            default:
                return ((tag >> 2) + 1, BinaryPrimitives.ReadUInt32LittleEndian(input.ReadBytes(sizeof(uint))));
        }
    }

    /// <summary>What is copied may overlap itself: it then repeats.</summary>
    private static void Copy(Span<byte> content, int at, int offset, int size)
    {
        if (offset >= size)
        {
            content.Slice(at - offset, size).CopyTo(content[at..]);
            return;
        }
        for (var i = 0; i < size; i++)
        {
            content[at + i] = content[at + i - offset];
        }
    }

    private static void EncodePiece(ReadOnlySpan<byte> piece, ushort[] table, ByteWriter output)
    {
        var begin = 0;
        var at = 1;
        var misses = 32;
        while (at < piece.Length - Margin)
        {
            var next = BinaryPrimitives.ReadUInt32LittleEndian(piece[at..]);
            ref var entry = ref table[(next * 0x1e35a7bd) >> (32 - TableBits)];
            var candidate = (int)entry;
            entry = (ushort)at;
            if (candidate >= at || BinaryPrimitives.ReadUInt32LittleEndian(piece[candidate..]) != next)
            {
                // Where nothing repeats, the steps grow.
                at += misses++ >> 5;
                continue;
            }
            misses = 32;
            WriteLiteral(piece[begin..at], output);
            var size =
                ShortestMatch + piece[(at + ShortestMatch)..].CommonPrefixLength(piece[(candidate + ShortestMatch)..]);
            WriteCopies(at - candidate, size, output);
            at += size;
            begin = at;
        }
        WriteLiteral(piece[begin..], output);
    }

    private static void WriteLiteral(ReadOnlySpan<byte> literal, ByteWriter output)
    {
        if (literal.Length == 0)
        {
            return;
        }
        var code = literal.Length - 1;
        if (code < 60)
        {
            output.WriteByte((byte)(code << 2));
        }
        else if (code < 256)
        {
            output.WriteByte(60 << 2);
            output.WriteByte((byte)code);
        }
        else
        {
            output.WriteByte(61 << 2);
            output.WriteByte((byte)code);
            output.WriteByte((byte)(code >> 8));
        }
        output.WriteBytes(literal);
    }

    private static void WriteCopies(int offset, int size, ByteWriter output)
    {
        while (size > 64)
        {
            // What is left must not be shorter than the shortest copy with two bytes.
            var part = size - 64 < ShortestMatch ? 60 : 64;
            WriteLongCopy(offset, part, output);
            size -= part;
        }
        if (size <= 11 && offset < 2048)
        {
            output.WriteByte((byte)(1 | ((size - 4) << 2) | (offset >> 8 << 5)));
            output.WriteByte((byte)offset);
            return;
        }
        WriteLongCopy(offset, size, output);
    }

    private static void WriteLongCopy(int offset, int size, ByteWriter output)
    {
        output.WriteByte((byte)(2 | ((size - 1) << 2)));
        output.WriteByte((byte)offset);
        output.WriteByte((byte)(offset >> 8));
    }
}
