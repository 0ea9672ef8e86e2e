using System.Buffers.Binary;
using System.Text;

namespace Tributary.Tests.Unit.RemoteWrite;

/// <summary>Protobuf written down by hand from the published schema, apart from the product's own writers.</summary>
internal static class Proto
{
    public static byte[] Of(params byte[][] fields) => [.. fields.SelectMany(field => field)];

    /// <summary>A field of an <c>int64</c>, <c>uint32</c>, <c>uint64</c> or enumeration.</summary>
    public static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    /// <summary>A field of an <c>sint32</c> or <c>sint64</c>.</summary>
    public static byte[] Signed(int field, long value) => Number(field, (value << 1) ^ (value >> 63));

    /// <summary>A field of a <c>double</c>.</summary>
    public static byte[] Double(int field, double value) => [.. Varint(((ulong)field << 3) | 1), .. Fixed(value)];

    /// <summary>A field of a <c>string</c>.</summary>
    public static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field of <c>bytes</c>, a message, or a packed list.</summary>
    public static byte[] Bytes(int field, params byte[][] content)
    {
        var whole = Of(content);
        return [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)whole.Length), .. whole];
    }

    /// <summary>A packed list of <c>uint32</c>.</summary>
    public static byte[] Packed(int field, params long[] values) =>
        Bytes(field, [.. values.Select(value => Varint((ulong)value))]);

    /// <summary>A packed list of <c>sint64</c>.</summary>
    public static byte[] PackedSigned(int field, params long[] values) =>
        Packed(field, [.. values.Select(value => (value << 1) ^ (value >> 63))]);

    /// <summary>A packed list of <c>double</c>.</summary>
    public static byte[] PackedDoubles(int field, params double[] values) => Bytes(field, [.. values.Select(Fixed)]);

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Fixed(double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return bytes;
    }
}
