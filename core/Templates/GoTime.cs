using System.Globalization;
using System.Text;

namespace Tributary.Templates;

/// <summary>What <c>toTime</c> gives: a moment in UTC, printed and formatted as Go does.</summary>
/// <remarks>https://pkg.go.dev/time#Layout</remarks>
/// <param name="Nanoseconds">Since the epoch.</param>
internal readonly record struct GoTime(Int128 Nanoseconds)
{
    private const string Default = "2006-01-02 15:04:05.999999999 -0700 MST";
    private const long NanosecondsPerTick = 100;
    private const int FractionDigits = 9;

    /// <summary>The pieces of a layout; of two that begin alike the longer one is first.</summary>
    private static readonly (string Piece, Func<GoTime, string> Write)[] Pieces =
    [
        ("January", t => t.Name("MMMM")),
        ("Jan", t => t.Name("MMM")),
        ("Monday", t => t.Name("dddd")),
        ("Mon", t => t.Name("ddd")),
        ("MST", _ => "UTC"),
        ("002", t => t.Utc.DayOfYear.ToString("000", CultureInfo.InvariantCulture)),
        ("01", t => t.Name("MM")),
        ("02", t => t.Name("dd")),
        ("03", t => t.Name("hh")),
        ("04", t => t.Name("mm")),
        ("05", t => t.Name("ss")),
        ("06", t => t.Name("yy")),
        ("15", t => t.Name("HH")),
        ("1", t => t.Number(t.Utc.Month)),
        ("2006", t => t.Name("yyyy")),
        ("2", t => t.Number(t.Utc.Day)),
        ("__2", t => t.Number(t.Utc.DayOfYear).PadLeft(3)),
        ("_2006", t => "_" + t.Name("yyyy")),
        ("_2", t => t.Number(t.Utc.Day).PadLeft(2)),
        ("3", t => t.Number(((t.Utc.Hour + 11) % 12) + 1)),
        ("4", t => t.Number(t.Utc.Minute)),
        ("5", t => t.Number(t.Utc.Second)),
        ("PM", t => t.Utc.Hour >= 12 ? "PM" : "AM"),
        ("pm", t => t.Utc.Hour >= 12 ? "pm" : "am"),
        ("-07:00:00", _ => "+00:00:00"),
        ("-070000", _ => "+000000"),
        ("-07:00", _ => "+00:00"),
        ("-0700", _ => "+0000"),
        ("-07", _ => "+00"),
        ("Z07:00:00", _ => "Z"),
        ("Z070000", _ => "Z"),
        ("Z07:00", _ => "Z"),
        ("Z0700", _ => "Z"),
        ("Z07", _ => "Z"),
    ];

    /// <summary>The moment; dates outside of the years 1 to 9999 are the first or last of them.</summary>
    public DateTime Utc
    {
        get
        {
            var ticks = Int128.Clamp(
                DateTime.UnixEpoch.Ticks + FloorDivide(Nanoseconds, NanosecondsPerTick),
                DateTime.MinValue.Ticks,
                DateTime.MaxValue.Ticks
            );
            return new DateTime((long)ticks, DateTimeKind.Utc);
        }
    }

    /// <summary>Whole seconds since the epoch.</summary>
    public long UnixSeconds => (long)FloorDivide(Nanoseconds, GoDuration.PerSecond);

    /// <summary>What is above whole seconds.</summary>
    public int NanosecondsOfSecond => (int)(Nanoseconds - ((Int128)UnixSeconds * GoDuration.PerSecond));

    /// <summary>The date, moved as Go moves it: months that overflow become years.</summary>
    public GoTime AddDate(long years, long months, long days)
    {
        var utc = Utc;
        var month = ((utc.Year + years) * 12) + utc.Month - 1 + months;
        var (year, rest) = Math.DivRem(month, 12);
        if (year is < 1 or > 9999 || Math.Abs(days) > (DateTime.MaxValue - DateTime.MinValue).Days)
        {
            throw new TemplateFunctionException("the date is out of range");
        }
        // The days come last: the 31st of a shorter month is a day of the next one.
        var first = new DateTime((int)year, (int)rest + 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var moved = (first - DateTime.UnixEpoch).Days + utc.Day - 1 + days;
        var ofDay = Nanoseconds - (FloorDivide(Nanoseconds, NanosecondsPerDay) * NanosecondsPerDay);
        return new GoTime(((Int128)moved * NanosecondsPerDay) + ofDay);
    }

    /// <summary>The moment in the form of a layout.</summary>
    public string Format(string layout)
    {
        var text = new StringBuilder();
        for (var at = 0; at < layout.Length; )
        {
            var rest = layout.AsSpan(at);
            if (TryFraction(rest, out var length))
            {
                text.Append(Fraction(layout.Substring(at, length)));
                at += length;
                continue;
            }
            var index = IndexOfPiece(rest);
            text.Append(index < 0 ? layout.Substring(at, 1) : Pieces[index].Write(this));
            at += index < 0 ? 1 : Pieces[index].Piece.Length;
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Format(Default);

    private const long NanosecondsPerDay = 24 * 60 * 60 * GoDuration.PerSecond;

    private static int IndexOfPiece(ReadOnlySpan<char> rest)
    {
        for (var i = 0; i < Pieces.Length; i++)
        {
            var piece = Pieces[i].Piece;
            // "January" of a longer word is a month, "Jan" and "Mon" before a lower-case letter are not.
            var isWhole = piece is not ("Jan" or "Mon") || rest.Length == 3 || !char.IsAsciiLetterLower(rest[3]);
            if (rest.StartsWith(piece, StringComparison.Ordinal) && isWhole)
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>A point or comma with zeros or nines behind it that end there.</summary>
    private static bool TryFraction(ReadOnlySpan<char> rest, out int length)
    {
        length = 0;
        if (rest.Length < 2 || rest[0] is not ('.' or ',') || rest[1] is not ('0' or '9'))
        {
            return false;
        }
        var end = rest[1..].IndexOfAnyExcept(rest[1]);
        length = end < 0 ? rest.Length : end + 1;
        return length == rest.Length || !char.IsAsciiDigit(rest[length]);
    }

    private string Fraction(string piece)
    {
        var digits = NanosecondsOfSecond.ToString(CultureInfo.InvariantCulture).PadLeft(FractionDigits, '0');
        digits = digits.PadRight(piece.Length, '0')[..(piece.Length - 1)];
        digits = piece[1] == '9' ? digits.TrimEnd('0') : digits;
        return digits.Length > 0 ? piece[0] + digits : "";
    }

    private string Name(string format) => Utc.ToString(format, CultureInfo.InvariantCulture);

    private string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static Int128 FloorDivide(Int128 value, long by) =>
        value >= 0 || value % by == 0 ? value / by : (value / by) - 1;
}
