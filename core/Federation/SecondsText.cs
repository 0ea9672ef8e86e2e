using System.Globalization;
using Tributary.Exposition;

namespace Tributary.Federation;

/// <summary>Times as the API writes them: seconds since the epoch, with up to three decimals.</summary>
internal static class SecondsText
{
    private const int MaxLength = 40;

    /// <summary>Reads the time at the beginning of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">The time's length, behind which there is a further byte; −1 when more bytes have to come.</param>
    /// <param name="timestampMs">Milliseconds since the epoch, exactly.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out int length, out long timestampMs)
    {
        if (NumberText.TryReadTimestamp(text, out length, out timestampMs) && length < text.Length && length <= 15)
        {
            timestampMs *= 1000;
            if (text[length] != '.')
            {
                return IsEnd(text[length]) || TryReadOther(text, out length, out timestampMs);
            }
            var scale = 100;
            var at = length + 1;
            for (; at < text.Length && scale > 0 && char.IsAsciiDigit((char)text[at]); at++, scale /= 10)
            {
                timestampMs += (text[at] - '0') * scale;
            }
            if (at < text.Length && IsEnd(text[at]) && at > length + 1)
            {
                length = at;
                return true;
            }
        }
        return TryReadOther(text, out length, out timestampMs);
    }

    private static bool IsEnd(byte next) => next is (byte)',' or (byte)' ' or (byte)']';

    private static bool TryReadOther(ReadOnlySpan<byte> text, out int length, out long timestampMs)
    {
        timestampMs = 0;
        length = text.IndexOfAnyExcept("0123456789.eE+-"u8);
        if (length < 0 && text.Length <= MaxLength)
        {
            return false;
        }
        if (
            length is <= 0 or > MaxLength
            || !decimal.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(seconds) > long.MaxValue / 1000
        )
        {
            length = 0;
            return false;
        }
        timestampMs = (long)Math.Round(seconds * 1000);
        return true;
    }
}
