using System.Buffers.Binary;
using Tributary.Binary;

namespace Tributary.Exposition;

/// <summary>Writes the fields of protobuf messages; the twin of <see cref="WireReader"/>.</summary>
internal static class WireWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthPrefixed = 2;

    /// <summary>A field of a number.</summary>
    public static void WriteNumber(this ByteWriter output, int field, ulong value)
    {
        WriteTag(output, field, Varint);
        output.WriteUvarint(value);
    }

    /// <summary>A field of a zigzag number.</summary>
    public static void WriteSigned(this ByteWriter output, int field, long value)
    {
        WriteTag(output, field, Varint);
        output.WriteVarint(value);
    }

    /// <summary>A field of a float.</summary>
    public static void WriteDouble(this ByteWriter output, int field, double value)
    {
        WriteTag(output, field, Fixed64);
        WriteFixed(output, value);
    }

    /// <summary>A field of bytes.</summary>
    public static void WriteBytes(this ByteWriter output, int field, ReadOnlySpan<byte> bytes)
    {
        WriteTag(output, field, LengthPrefixed);
        output.WriteUvarint((ulong)bytes.Length);
        output.WriteBytes(bytes);
    }

    /// <summary>A field of a text.</summary>
    public static void WriteString(this ByteWriter output, int field, string text)
    {
        WriteTag(output, field, LengthPrefixed);
        output.WriteString(text);
    }

    /// <summary>A field of a message that was written already.</summary>
    public static void WriteMessage(this ByteWriter output, int field, ByteWriter message) =>
        output.WriteBytes(field, message.WrittenSpan);

    /// <summary>A float as it stands in a packed list.</summary>
    public static void WriteFixed(ByteWriter output, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.Reserve(sizeof(double)), value);
        output.Advance(sizeof(double));
    }

    private static void WriteTag(ByteWriter output, int field, int wire) =>
        output.WriteUvarint((ulong)((field << 3) | wire));
}
