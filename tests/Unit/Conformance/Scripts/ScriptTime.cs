using System.Globalization;
using Tributary.Model;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>Times of a script: durations since the epoch, which may have a sign, or seconds.</summary>
internal static class ScriptTime
{
    /// <summary>Reads one, in milliseconds.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static long Parse(string text) =>
        TryParse(text, out var ms) ? ms : throw new FormatException($"not a time: {text}");

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(string text, out long ms)
    {
        var isNegative = text.StartsWith('-');
        var digits = text.TrimStart('-', '+');
        if (DurationText.TryParse(digits, out var duration, out _))
        {
            ms = (long)duration.TotalMilliseconds;
        }
        else if (double.TryParse(digits, CultureInfo.InvariantCulture, out var seconds))
        {
            ms = (long)(seconds * 1000);
        }
        else
        {
            ms = 0;
            return false;
        }
        ms = isNegative ? -ms : ms;
        return true;
    }
}
