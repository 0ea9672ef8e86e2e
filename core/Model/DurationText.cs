using System.Globalization;
using System.Text;

namespace Tributary.Model;

/// <summary>Durations as Prometheus writes them: <c>1h30m</c>, units descending from years to milliseconds, or <c>0</c>.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (<c>&lt;duration&gt;</c>).</remarks>
public static class DurationText
{
    private const long MillisecondsPerDay = 24L * 60 * 60 * 1000;

    /// <summary>Prometheus counts nanoseconds in 64 bits; what is longer (292 years) is out of range.</summary>
    private const long MaxMs = long.MaxValue / 1_000_000;

    private static readonly (string Name, long Ms, bool OnlyWhole)[] Units =
    [
        ("y", 365 * MillisecondsPerDay, true),
        ("w", 7 * MillisecondsPerDay, true),
        ("d", MillisecondsPerDay, false),
        ("h", 60 * 60 * 1000, false),
        ("m", 60 * 1000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text, without spaces around it.</param>
    /// <param name="duration">The duration; zero on failure.</param>
    /// <param name="problem">What is wrong; empty on success.</param>
    public static bool TryParse(string text, out TimeSpan duration, out string problem)
    {
        duration = TimeSpan.Zero;
        problem = "";
        if (text.Length == 0)
        {
            problem = "empty duration";
            return false;
        }
        if (string.Equals(text, "0", StringComparison.Ordinal))
        {
            return true;
        }
        Int128 totalMs = 0;
        var nextUnit = 0;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            if (!TryTakePart(ref rest, ref nextUnit, out var partMs))
            {
                problem = "not a valid duration; write for example 15s, 1m30s or 500ms";
                return false;
            }
            totalMs += partMs;
        }
        if (totalMs > MaxMs)
        {
            problem = "duration out of range";
            return false;
        }
        duration = TimeSpan.FromMilliseconds((long)totalMs);
        return true;
    }

    /// <summary>The shortest text of a duration; what is below a millisecond is cut off.</summary>
    public static string Format(TimeSpan duration)
    {
        var restMs = (long)duration.TotalMilliseconds;
        if (restMs == 0)
        {
            return "0s";
        }
        var text = new StringBuilder();
        foreach (var (name, unitMs, onlyWhole) in Units)
        {
            if (restMs >= unitMs && (!onlyWhole || restMs % unitMs == 0))
            {
                text.Append(CultureInfo.InvariantCulture, $"{restMs / unitMs}{name}");
                restMs %= unitMs;
            }
        }
        return text.ToString();
    }

    private static bool TryTakePart(ref ReadOnlySpan<char> rest, ref int nextUnit, out Int128 partMs)
    {
        partMs = 0;
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits < 1)
        {
            return false;
        }
        var letters = rest[digits..].IndexOfAnyInRange('0', '9');
        var unit = letters < 0 ? rest[digits..] : rest.Slice(digits, letters);
        while (nextUnit < Units.Length && !unit.SequenceEqual(Units[nextUnit].Name))
        {
            nextUnit++;
        }
        if (nextUnit == Units.Length)
        {
            return false;
        }
        var number = rest[..digits].TrimStart('0');
        partMs = number.Length switch
        {
            0 => 0,
            > 19 => Int128.MaxValue / 16,
            _ => Int128.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture) * Units[nextUnit].Ms,
        };
        nextUnit++;
        rest = rest[(digits + unit.Length)..];
        return true;
    }
}
