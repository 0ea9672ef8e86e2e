using System.Buffers.Text;
using System.Globalization;
using Tributary.Binary;

namespace Tributary.Exports;

/// <summary>Times as RFC 3339 in UTC with milliseconds, always as long: <c>2026-11-20T00:05:00.000Z</c>.</summary>
internal sealed class TimeText
{
    private const long DayMs = 24L * 60 * 60 * 1000;
    private const int DateBytes = 11;
    private const int TotalBytes = 24;

    private readonly byte[] text = "0000-00-00T00:00:00.000Z"u8.ToArray();
    private long day = long.MinValue;

    /// <summary>Appends a time.</summary>
    public void Write(long timestampMs, ByteWriter output)
    {
        var (ofDay, rest) = Math.DivRem(timestampMs, DayMs);
        if (rest < 0)
        {
            (ofDay, rest) = (ofDay - 1, rest + DayMs);
        }
        if (ofDay != day)
        {
            var date = DateTimeOffset.FromUnixTimeMilliseconds(ofDay * DayMs);
            date.TryFormat(text.AsSpan(0, DateBytes), out _, "yyyy-MM-dd'T'", CultureInfo.InvariantCulture);
            day = ofDay;
        }
        var ms = (int)rest;
        Two(DateBytes, ms / 3_600_000);
        Two(DateBytes + 3, ms / 60_000 % 60);
        Two(DateBytes + 6, ms / 1000 % 60);
        text[DateBytes + 9] = (byte)('0' + (ms / 100 % 10));
        Two(DateBytes + 10, ms % 100);
        output.WriteBytes(text.AsSpan(0, TotalBytes));
    }

    /// <summary>A time as people and manifests read it: the fraction only where there is one.</summary>
    public static string Of(long timestampMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(timestampMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Appends milliseconds as seconds, for OpenMetrics.</summary>
    /// <remarks>
    /// Prometheus reads seconds as a float and cuts it to milliseconds: where that would give one less, a microsecond more
    /// is written.
    /// </remarks>
    public static void WriteSeconds(long timestampMs, ByteWriter output)
    {
        var (seconds, rest) = Math.DivRem(timestampMs, 1000);
        if (rest < 0)
        {
            // The digits of a negative time count from zero on.
            output.WriteByte((byte)'-');
            (seconds, rest) = (-seconds, -rest);
        }
        else if (timestampMs < 0)
        {
            output.WriteByte((byte)'-');
            seconds = -seconds;
        }
        var free = output.Reserve(32);
        Utf8Formatter.TryFormat(seconds, free, out var written);
        if (rest > 0)
        {
            free[written++] = (byte)'.';
            free[written++] = (byte)('0' + (rest / 100));
            free[written++] = (byte)('0' + (rest / 10 % 10));
            free[written++] = (byte)('0' + (rest % 10));
            var isCut =
                Utf8Parser.TryParse(free[..written], out double read, out _)
                && (long)(read * 1000) != Math.Abs(timestampMs);
            if (isCut)
            {
                "001"u8.CopyTo(free[written..]);
                written += 3;
            }
            else
            {
                while (free[written - 1] == (byte)'0')
                {
                    written--;
                }
            }
        }
        output.Advance(written);
    }

    private void Two(int at, int value)
    {
        text[at] = (byte)('0' + (value / 10));
        text[at + 1] = (byte)('0' + (value % 10));
    }
}
