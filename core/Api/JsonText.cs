using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>JSON written straight to UTF-8: what large answers are made of.</summary>
internal static class JsonText
{
    /// <summary>The longest text of a time or number.</summary>
    public const int LongestNumber = 32;

    /// <summary>What a JSON text cannot hold as it is.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create(
        "\"\\" + string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code))
    );

    /// <summary>A text in quotes.</summary>
    public static void WriteText(ByteWriter output, string text)
    {
        output.WriteByte((byte)'"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Special) is var at and >= 0)
        {
            WriteUtf8(output, rest[..at]);
            WriteEscaped(output, rest[at]);
            rest = rest[(at + 1)..];
        }
        WriteUtf8(output, rest);
        output.WriteByte((byte)'"');
    }

    /// <summary>Labels as an object.</summary>
    public static void WriteLabels(ByteWriter output, LabelSet labels)
    {
        var separator = (byte)'{';
        foreach (var label in labels.Labels)
        {
            output.WriteByte(separator);
            WriteText(output, label.Name);
            output.WriteByte((byte)':');
            WriteText(output, label.Value);
            separator = (byte)',';
        }
        output.WriteBytes(separator == (byte)'{' ? "{}"u8 : "}"u8);
    }

    /// <summary>A time as seconds, with three decimals if it has milliseconds.</summary>
    public static void WriteTime(ByteWriter output, long timestampMs) =>
        output.Advance(FormatTime(timestampMs, output.Reserve(LongestNumber)));

    /// <summary>A time, and how many bytes it has; there is room for <see cref="LongestNumber"/>.</summary>
    public static int FormatTime(long timestampMs, Span<byte> target)
    {
        var used = 0;
        if (timestampMs < 0)
        {
            target[used++] = (byte)'-';
        }
        var (seconds, ms) = Math.DivRem((ulong)Math.Abs(timestampMs), 1000);
        Utf8Formatter.TryFormat(seconds, target[used..], out var written);
        used += written;
        if (ms > 0)
        {
            target[used] = (byte)'.';
            target[used + 1] = (byte)('0' + (ms / 100));
            target[used + 2] = (byte)('0' + (ms / 10 % 10));
            target[used + 3] = (byte)('0' + (ms % 10));
            used += 4;
        }
        return used;
    }

    /// <summary>A value as a text: <c>"0.5"</c>, <c>"NaN"</c>, <c>"+Inf"</c>.</summary>
    public static void WriteValue(ByteWriter output, double value)
    {
        var target = output.Reserve(LongestNumber + 2);
        target[0] = (byte)'"';
        var length = FloatFormat.FormatPlain(value, target[1..]);
        target[length + 1] = (byte)'"';
        output.Advance(length + 2);
    }

    /// <summary>A whole number.</summary>
    public static void WriteNumber(ByteWriter output, long value)
    {
        Utf8Formatter.TryFormat(value, output.Reserve(LongestNumber), out var written);
        output.Advance(written);
    }

    /// <summary>A number with a fraction, which is finite.</summary>
    public static void WriteNumber(ByteWriter output, double value) =>
        output.Advance(FloatFormat.FormatPlain(value, output.Reserve(LongestNumber)));

    /// <summary>Texts as a list.</summary>
    public static void WriteTexts(ByteWriter output, IEnumerable<string> texts)
    {
        var separator = (byte)'[';
        foreach (var text in texts)
        {
            output.WriteByte(separator);
            WriteText(output, text);
            separator = (byte)',';
        }
        output.WriteBytes(separator == (byte)'[' ? "[]"u8 : "]"u8);
    }

    private static void WriteUtf8(ByteWriter output, ReadOnlySpan<char> text) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.Reserve(text.Length * 3)));

    private static void WriteEscaped(ByteWriter output, char special)
    {
        switch (special)
        {
            case '"' or '\\':
                output.WriteByte((byte)'\\');
                output.WriteByte((byte)special);
                break;
            case '\n':
                output.WriteBytes("\\n"u8);
                break;
            case '\r':
                output.WriteBytes("\\r"u8);
                break;
            case '\t':
                output.WriteBytes("\\t"u8);
                break;
            default:
                output.WriteBytes("\\u00"u8);
                output.WriteByte((byte)(special < 0x10 ? '0' : '1'));
                output.WriteByte((byte)"0123456789abcdef"[special & 0xf]);
                break;
        }
    }
}
