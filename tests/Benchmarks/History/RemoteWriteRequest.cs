using System.Buffers.Binary;

namespace Tributary.Benchmarks.History;

/// <summary>
/// A remote-write 1.0 request: protobuf inside snappy's block format, all of it as one literal, which every decoder
/// must accept and which costs nothing to write.
/// </summary>
internal sealed class RemoteWriteRequest
{
    private const byte SeriesField = 1 << 3 | 2;
    private const byte LabelField = 1 << 3 | 2;
    private const byte SampleField = 2 << 3 | 2;
    private const byte NameField = 1 << 3 | 2;
    private const byte ValueTextField = 2 << 3 | 2;
    private const byte ValueField = 1 << 3 | 1;
    private const byte TimestampField = 2 << 3;
    private const byte LongLiteral = 63 << 2;

    private readonly MemoryStream request = new();
    private readonly MemoryStream series = new();
    private readonly MemoryStream part = new();

    public bool IsEmpty => request.Length == 0;

    /// <summary>Adds a label of the series that is being built; labels come sorted.</summary>
    public void Label(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        part.SetLength(0);
        Bytes(part, NameField, name);
        Bytes(part, ValueTextField, value);
        Bytes(series, LabelField, part.GetBuffer().AsSpan(0, (int)part.Length));
    }

    /// <summary>Adds a sample of the series that is being built; samples come in order of time.</summary>
    public void Sample(double value, long timestamp)
    {
        part.SetLength(0);
        part.WriteByte(ValueField);
        Span<byte> bits = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bits, value);
        part.Write(bits);
        part.WriteByte(TimestampField);
        Varint(part, (ulong)timestamp);
        Bytes(series, SampleField, part.GetBuffer().AsSpan(0, (int)part.Length));
    }

    /// <summary>Ends the series that is being built.</summary>
    public void EndSeries()
    {
        Bytes(request, SeriesField, series.GetBuffer().AsSpan(0, (int)series.Length));
        series.SetLength(0);
    }

    /// <summary>The body to post; the request is empty afterwards.</summary>
    public byte[] Take()
    {
        var body = new MemoryStream((int)request.Length + 16);
        Varint(body, (ulong)request.Length);
        body.WriteByte(LongLiteral);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)request.Length - 1);
        body.Write(length);
        request.WriteTo(body);
        request.SetLength(0);
        return body.ToArray();
    }

    private static void Bytes(MemoryStream into, byte field, ReadOnlySpan<byte> bytes)
    {
        into.WriteByte(field);
        Varint(into, (ulong)bytes.Length);
        into.Write(bytes);
    }

    private static void Varint(MemoryStream into, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            into.WriteByte((byte)(value | 0x80));
        }

        into.WriteByte((byte)value);
    }
}
