using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tributary.Configuration;

/// <summary>The bytes of a file or blob of the configuration, as text.</summary>
public static class ConfigBytes
{
    /// <summary>UTF-8, or what a byte order mark says.</summary>
    /// <remarks>Nothing is replaced: a password with a letter in Latin-1 would become another one.</remarks>
    /// <exception cref="IOException">It is not valid UTF-8; with line and column.</exception>
    public static string Decode(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var reader = new StreamReader(new MemoryStream(bytes), detectEncodingFromByteOrderMarks: true);
        var text = reader.ReadToEnd();
        if (reader.CurrentEncoding is UTF8Encoding && FirstInvalid(bytes) is >= 0 and var at)
        {
            var line = bytes.AsSpan(0, at).Count((byte)'\n') + 1;
            var begin = bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
            var column = Encoding.UTF8.GetCharCount(bytes.AsSpan(begin, at - begin)) + 1;
            throw new IOException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {line}, column {column}: the byte 0x{bytes[at]:X2} is not valid UTF-8; save it as UTF-8"
                )
            );
        }
        return text;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; )
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var used) is not OperationStatus.Done)
            {
                return at;
            }
            at += used;
        }
        return -1;
    }
}
