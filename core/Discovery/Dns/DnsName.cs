using System.Globalization;
using System.Text;
using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Dns;

/// <summary>Names as text and as bytes of messages.</summary>
/// <remarks>https://www.rfc-editor.org/rfc/rfc1035#section-3.1 and #section-4.1.4</remarks>
internal static class DnsName
{
    /// <summary>The longest name, in bytes of a message.</summary>
    public const int MaxBytes = 255;

    /// <summary>The longest part of a name.</summary>
    private const int MaxPart = 63;

    /// <summary>The two highest bits of a length are set where the rest of a name stands elsewhere.</summary>
    private const int PointerMark = 0xC0;

    /// <summary>Characters of a part that are written with a backslash.</summary>
    private const string Special = ".\\ '@;()\"";

    /// <summary>The bytes of a whole name; <c>\.</c> is a dot within a part, and <c>\DDD</c> any byte.</summary>
    /// <exception cref="DnsException">The text is no name.</exception>
    public static byte[] Encode(string name)
    {
        var text = Encoding.UTF8.GetBytes(name == "." ? "" : name);
        var output = new List<byte> { 0 };
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                EndPart(output, start, name);
                start = output.Count;
                output.Add(0);
            }
            else
            {
                output.Add(text[i] == '\\' ? Unescape(text, ref i) : text[i]);
            }
        }
        // Behind a dot at the end, the empty part is the end of the name.
        if (output.Count > start + 1)
        {
            EndPart(output, start, name);
            output.Add(0);
        }
        return output.Count <= MaxBytes ? [.. output] : throw NoName(name);
    }

    /// <summary>Reads a name of a message, with a dot at its end.</summary>
    /// <param name="message">The whole message, in which the rest of the name may stand further up.</param>
    /// <param name="at">Where the name begins; afterwards, what is behind it.</param>
    /// <exception cref="DnsException">There is no name.</exception>
    public static string Decode(ReadOnlySpan<byte> message, ref int at)
    {
        var text = new StringBuilder();
        var (position, end, bytes) = (at, -1, 1);
        while (true)
        {
            var length = ByteAt(message, position);
            if (length == 0)
            {
                at = end < 0 ? position + 1 : end;
                return text.Length == 0 ? "." : text.ToString();
            }
            if ((length & PointerMark) == PointerMark)
            {
                var target = ((length & ~PointerMark) << 8) | ByteAt(message, position + 1);
                end = end < 0 ? position + 2 : end;
                // Only backwards, so that it ends.
                position = target < position ? target : throw new DnsException("a name in the answer has no end");
                continue;
            }
            bytes += length + 1;
            if (length > MaxPart || bytes > MaxBytes || position + length >= message.Length)
            {
                throw new DnsException("a name in the answer is too long");
            }
            Append(text, message.Slice(position + 1, length));
            position += length + 1;
        }
    }

    /// <summary>How many parts a name has.</summary>
    public static int CountParts(string name)
    {
        var bytes = Encode(name);
        var parts = 0;
        for (var i = 0; bytes[i] > 0; i += bytes[i] + 1)
        {
            parts++;
        }
        return parts;
    }

    private static void EndPart(List<byte> output, int start, string name)
    {
        var length = output.Count - start - 1;
        output[start] = length is > 0 and <= MaxPart ? (byte)length : throw NoName(name);
    }

    private static byte Unescape(byte[] text, ref int i)
    {
        if (i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            var value = int.Parse(text.AsSpan(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            i += 3;
            return (byte)Math.Min(value, byte.MaxValue);
        }
        i++;
        return i < text.Length ? text[i] : (byte)'\\';
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> part)
    {
        foreach (var c in part)
        {
            if (c is < (byte)' ' or > (byte)'~')
            {
                text.Append('\\').Append(c.ToString("D3", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(Special.Contains((char)c) ? "\\" : "").Append((char)c);
            }
        }
        text.Append('.');
    }

    private static int ByteAt(ReadOnlySpan<byte> message, int at) =>
        at < message.Length ? message[at] : throw new DnsException("the answer ends within a name");

    private static DnsException NoName(string name) =>
        new(
            $"{Words.Quote(name)} is no name of the DNS: a part is empty or longer than {MaxPart} bytes, "
                + $"or all of it longer than {MaxBytes}"
        );
}
