namespace Tributary.Exposition;

/// <summary>Texts with the escapes of OpenMetrics: backslash, newline and quote.</summary>
internal static class EscapedText
{
    /// <summary>Appends a text, escaped.</summary>
    public static void Append(ref byte[] target, ref int length, ReadOnlySpan<byte> text)
    {
        if (target.Length - length < 2 * text.Length)
        {
            Array.Resize(ref target, Math.Max(2 * target.Length, length + (2 * text.Length)));
        }
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny((byte)'\\', (byte)'\n', (byte)'"');
            var run = plain < 0 ? text : text[..plain];
            run.CopyTo(target.AsSpan(length));
            length += run.Length;
            if (plain < 0)
            {
                return;
            }
            target[length++] = (byte)'\\';
            target[length++] = text[plain] == '\n' ? (byte)'n' : text[plain];
            text = text[(plain + 1)..];
        }
    }

    /// <summary>A text, escaped.</summary>
    public static byte[] Of(ReadOnlySpan<byte> text)
    {
        var (target, length) = (new byte[2 * text.Length], 0);
        Append(ref target, ref length, text);
        return target.AsSpan(0, length).ToArray();
    }
}
