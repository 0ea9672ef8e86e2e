using System.Text;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Durations as Prometheus' HTTP API takes them: seconds with a fraction, or <c>1h30m</c>.</summary>
public static class DurationParameter
{
    private const int LongestText = 64;

    /// <summary>Prometheus counts nanoseconds in 64 bits.</summary>
    private const double MaxSeconds = long.MaxValue / 1e9;

    /// <summary>Parses a duration, which may be negative as seconds.</summary>
    /// <exception cref="BadRequestException">It is none; the message is Prometheus', without the parameter's name.</exception>
    public static TimeSpan Parse(string text)
    {
        if (NumberText.TryParseValue(Encoding.UTF8.GetBytes(text), out var seconds) && !double.IsNaN(seconds))
        {
            return Math.Abs(seconds) <= MaxSeconds
                ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : throw new BadRequestException($"{NotValid(text)}. It overflows int64");
        }
        return DurationText.TryParse(text, out var duration, out _)
            ? duration
            : throw new BadRequestException(NotValid(text));
    }

    private static string NotValid(string text)
    {
        var shown = text.Length <= LongestText ? text : text[..LongestText] + "…";
        return $"cannot parse \"{shown}\" to a valid duration";
    }
}
