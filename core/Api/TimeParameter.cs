using System.Globalization;
using System.Text;
using Tributary.Exposition;

namespace Tributary.Api;

/// <summary>Times as Prometheus' HTTP API takes them: seconds since the epoch with a fraction, or RFC 3339.</summary>
public static class TimeParameter
{
    /// <summary>What clients send as Prometheus' earliest time.</summary>
    private const string Earliest = "-292273086-05-16T16:47:06Z";

    /// <summary>What clients send as Prometheus' latest time.</summary>
    private const string Latest = "292277025-08-18T07:12:54.999999999Z";

    private const int LongestText = 64;

    /// <summary>The time of a parameter, or the default without one.</summary>
    /// <param name="name">The parameter, for the error.</param>
    /// <param name="text">Its value; empty when it is not there.</param>
    /// <param name="defaultMs">Milliseconds since the epoch.</param>
    /// <exception cref="BadRequestException">It is no time.</exception>
    public static long Parse(string name, string text, long defaultMs)
    {
        if (text.Length == 0)
        {
            return defaultMs;
        }
        if (TryParse(text, out var ms))
        {
            return ms;
        }
        var shown = text.Length <= LongestText ? text : text[..LongestText] + "…";
        throw new BadRequestException(
            $"invalid parameter \"{name}\": invalid time value for '{name}': cannot parse \"{shown}\" to a valid timestamp"
        );
    }

    /// <summary>Parses a time; false when it is none.</summary>
    public static bool TryParse(string text, out long ms)
    {
        ms = 0;
        if (NumberText.TryParseValue(Encoding.UTF8.GetBytes(text), out var seconds) && double.IsFinite(seconds))
        {
            ms = Milliseconds(seconds);
            return true;
        }
        if (text is Earliest or Latest)
        {
            ms = text == Earliest ? long.MinValue / 2 : long.MaxValue / 2;
            return true;
        }
        return TryParseRfc3339(text, out ms);
    }

    /// <summary>Rounded as upstream, from zero where it is half of one.</summary>
    private static long Milliseconds(double seconds)
    {
        // Beyond what is a time, the ends of it: a query over all time stays one.
        const double max = long.MaxValue / 2 / 1000;
        if (Math.Abs(seconds) >= max)
        {
            return seconds < 0 ? long.MinValue / 2 : long.MaxValue / 2;
        }
        // The fraction for itself: a float has no room for the milliseconds of a large time.
        var whole = Math.Truncate(seconds);
        return ((long)whole * 1000) + (long)Math.Round((seconds - whole) * 1000, MidpointRounding.AwayFromZero);
    }

    /// <summary><c>2006-01-02T15:04:05.999999999Z</c> or with an offset; a fraction of any length.</summary>
    private static bool TryParseRfc3339(string text, out long ms)
    {
        ms = 0;
        const int secondsEnd = 19;
        if (text.Length is <= secondsEnd or > LongestText || text[10] is not 'T')
        {
            return false;
        }
        var zone = text.AsSpan().LastIndexOfAny('Z', '+', '-');
        var fraction = text.AsSpan(secondsEnd, Math.Max(0, zone - secondsEnd));
        if (
            zone < secondsEnd
            || (
                fraction.Length > 0
                && (fraction.Length < 2 || fraction[0] != '.' || fraction[1..].ContainsAnyExceptInRange('0', '9'))
            )
            || !DateTime.TryParseExact(
                text.AsSpan(0, secondsEnd),
                "yyyy-MM-ddTHH:mm:ss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
            || !TryParseOffset(text.AsSpan(zone), out var offset)
        )
        {
            return false;
        }
        ms = new DateTimeOffset(time).ToUnixTimeMilliseconds() - (long)offset.TotalMilliseconds;
        for (var i = 1; i <= 3; i++)
        {
            ms +=
                i < fraction.Length
                    ? (fraction[i] - '0')
                        * (
                            i == 1 ? 100
                            : i == 2 ? 10
                            : 1
                        )
                    : 0;
        }
        return true;
    }

    private static bool TryParseOffset(ReadOnlySpan<char> zone, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (zone is "Z")
        {
            return true;
        }
        if (zone.Length != 6 || !TimeSpan.TryParseExact(zone[1..], "hh\\:mm", CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }
        offset = zone[0] == '-' ? -offset : offset;
        return true;
    }
}
