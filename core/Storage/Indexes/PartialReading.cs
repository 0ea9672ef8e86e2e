namespace Tributary.Storage.Indexes;

/// <summary>Reads values of which the end may not be in memory yet: false then, and nothing is taken.</summary>
internal static class PartialReading
{
    /// <summary>An unsigned varint; one that is too long counts as the largest number.</summary>
    public static bool TryUvarint(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10; i++)
        {
            if (at + i >= bytes.Length)
            {
                return false;
            }
            var b = bytes[at + i];
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                value = i == 9 && b > 1 ? ulong.MaxValue : value;
                at += i + 1;
                return true;
            }
        }
        value = ulong.MaxValue;
        at += 10;
        return true;
    }

    /// <summary>A text with its length before it. A length above the bound gives false with <paramref name="tooLong"/>.</summary>
    public static bool TryText(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> text, ref bool tooLong)
    {
        text = default;
        var from = at;
        if (!TryUvarint(bytes, ref from, out var length))
        {
            return false;
        }
        if (length > IndexFormat.MaxSymbolBytes)
        {
            tooLong = true;
            return false;
        }
        if (length > (ulong)(bytes.Length - from))
        {
            return false;
        }
        text = bytes.Slice(from, (int)length);
        at = from + (int)length;
        return true;
    }
}
