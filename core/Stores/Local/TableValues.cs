using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>The properties of a row as bytes: count, then name, type and value of each.</summary>
internal static class TableValues
{
    private const byte Text = 1;
    private const byte Number = 2;
    private const byte False = 3;
    private const byte True = 4;
    private const byte Real = 5;
    private const byte Bytes = 6;

    public static void Write(ByteWriter writer, string name, object value)
    {
        writer.WriteString(name);
        switch (value)
        {
            case string text:
                writer.WriteByte(Text);
                writer.WriteString(text);
                break;
            case long number:
                writer.WriteByte(Number);
                writer.WriteVarint(number);
                break;
            case bool flag:
                writer.WriteByte(flag ? True : False);
                break;
            case double real:
                writer.WriteByte(Real);
                writer.WriteUInt64(BitConverter.DoubleToUInt64Bits(real));
                break;
            case byte[] bytes:
                writer.WriteByte(Bytes);
                writer.WriteUvarint((ulong)bytes.Length);
                writer.WriteBytes(bytes);
                break;
            default:
                throw new ArgumentException($"a property of type {value.GetType().Name}", nameof(value));
        }
    }

    public static Dictionary<string, object> Read(ReadOnlySpan<byte> encoded, string file)
    {
        var reader = new ByteReader(encoded, file);
        var count = reader.ReadCount("properties");
        var properties = new Dictionary<string, object>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            properties[name] = ReadValue(ref reader);
        }
        return properties;
    }

    private static object ReadValue(ref ByteReader reader)
    {
        switch (reader.ReadByte())
        {
            case Text:
                return reader.ReadString();
            case Number:
                return reader.ReadVarint();
            case False:
                return false;
            case True:
                return true;
            case Real:
                return BitConverter.UInt64BitsToDouble(reader.ReadUInt64());
            case Bytes:
                return reader.ReadBytes(reader.ReadCount("bytes")).ToArray();
            case var type:
                throw reader.Corrupt($"property type {type}");
        }
    }
}
