using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Reads OpenMetrics text, 0.0.1 and 1.0.0, from the bytes of a body that are at hand, entry by entry.</summary>
/// <remarks>
/// As strict as Prometheus' own parser and no stricter: single blanks only, no empty lines, no comments, <c># EOF</c> at the
/// end; but values of any sign, names without their type's suffix and exemplars on any sample. See
/// https://prometheus.io/docs/specs/om/open_metrics_spec/. An entry that is not whole is left alone: read on with a new
/// reader that begins at <see cref="Consumed"/> and sees more. Exemplars are checked and skipped.
/// </remarks>
internal ref struct OpenMetricsReader : IExpositionReader
{
    /// <summary>What is wrong with a body that goes on behind its end marker.</summary>
    public const string AfterEnd = "unexpected data after # EOF";

    private const int MetaNameAt = 7;
    private const double MillisecondsPerSecond = 1000;

    /// <summary>2^63: what lies beyond has no place in a <see cref="long"/>.</summary>
    private const double MaxMilliseconds = 9223372036854775808d;

    private static readonly string[] Types =
    [
        "counter",
        "gauge",
        "histogram",
        "gaugehistogram",
        "summary",
        "info",
        "stateset",
        "unknown",
    ];

    private LineCursor lines;

    /// <param name="bytes">What is at hand of the body, from the beginning of a line.</param>
    /// <param name="offset">Where they begin in the body; only errors use it.</param>
    /// <param name="line">The number of their first line, from 1.</param>
    /// <param name="isNewlineAdded">Whether the last byte is a newline that the body does not have.</param>
    public OpenMetricsReader(ReadOnlySpan<byte> bytes, long offset, int line, bool isNewlineAdded) =>
        lines = new LineCursor(bytes, offset, line, isNewlineAdded);

    /// <inheritdoc/>
    public static bool IsOpenMetrics => true;

    /// <inheritdoc/>
    public readonly int Consumed => lines.Position;

    /// <inheritdoc/>
    public readonly int Line => lines.Line;

    /// <inheritdoc/>
    public readonly long Offset => lines.Offset;

    /// <summary>Whether <c># EOF</c> was read.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Series { get; private set; }

    /// <inheritdoc/>
    public double Value { get; private set; }

    /// <summary>The text formats have no native histograms.</summary>
    public readonly Histogram? Histogram => null;

    /// <inheritdoc/>
    public bool HasTimestamp { get; private set; }

    /// <inheritdoc/>
    public long TimestampMs { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Family { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Text { get; private set; }

    private readonly ReadOnlySpan<byte> Bytes => lines.Bytes;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadExpected(int length, UInt128 hash)
    {
        var rest = Bytes[lines.Position..];
        if (length <= 0 || length >= rest.Length || rest[length] != ' ')
        {
            return false;
        }
        if (ByteHash.Compute128(rest[..length]) != hash)
        {
            return false;
        }
        var at = length + 1;
        if (!NumberText.TryReadDecimal(rest[at..], out var used, out var value))
        {
            return false;
        }
        at += used;
        HasTimestamp = rest[at] == ' ' && at + 1 < rest.Length && rest[at + 1] != '#';
        if (HasTimestamp)
        {
            if (!NumberText.TryReadDecimal(rest[++at..], out used, out var seconds))
            {
                return false;
            }
            TimestampMs = Milliseconds(seconds);
            at += used;
        }
        if (rest[at] == ' ')
        {
            at = ExemplarEnd(lines.Position + at + 1) - lines.Position;
            if (at < 0)
            {
                return false;
            }
        }
        Value = value;
        lines.Advance(lines.Position + at);
        return true;
    }

    /// <inheritdoc/>
    public TextEntry Read()
    {
        var start = lines.Position;
        if (start == Bytes.Length)
        {
            return TextEntry.End;
        }
        return Bytes[start] == '#' ? ReadMeta(start)
            : ReadSample(start) ? TextEntry.Sample
            : TextEntry.End;
    }

    /// <inheritdoc/>
    public readonly ExpositionException ErrorInSample(string problem) => lines.ErrorBefore(problem, Series);

    /// <inheritdoc/>
    public readonly ExpositionException Error(string problem, int at) => lines.Error(problem, at);

    /// <summary>Cut towards zero, as Prometheus does; what does not fit is the smallest number, and so too old.</summary>
    private static long Milliseconds(double seconds)
    {
        var ms = seconds * MillisecondsPerSecond;
        return ms is >= -MaxMilliseconds and < MaxMilliseconds ? (long)ms : long.MinValue;
    }

    /// <summary>Reads a line that begins with <c>#</c>; <see cref="TextEntry.End"/> when it is not at hand or the end marker.</summary>
    private TextEntry ReadMeta(int start)
    {
        var length = Bytes[start..].IndexOf((byte)'\n');
        if (length < 0)
        {
            return TextEntry.End;
        }
        var head = Bytes.Slice(start, length);
        var entry =
            head.StartsWith("# TYPE "u8) ? TextEntry.Type
            : head.StartsWith("# HELP "u8) ? TextEntry.Help
            : head.StartsWith("# UNIT "u8) ? TextEntry.Unit
            : TextEntry.End;
        if (entry is TextEntry.End)
        {
            ReadEnd(head, start);
            return TextEntry.End;
        }
        var at = start + MetaNameAt;
        var nameEnd = FamilyEnd(at);
        length = nameEnd < 0 ? -1 : Bytes[nameEnd..].IndexOf((byte)'\n');
        if (length < 0)
        {
            return TextEntry.End;
        }
        if (length == 0 || Bytes[nameEnd] != ' ')
        {
            throw Error("expected a blank and a text after the metric name", nameEnd);
        }
        Family = Bytes[at] == '"' ? Bytes[(at + 1)..(nameEnd - 1)] : Bytes[at..nameEnd];
        Text = Bytes.Slice(nameEnd + 1, length - 1);
        CheckMeta(entry, nameEnd + 1);
        lines.Line += Bytes[at..nameEnd].Count((byte)'\n');
        lines.Advance(nameEnd + length);
        return entry;
    }

    private void ReadEnd(ReadOnlySpan<byte> head, int start)
    {
        if (!head.StartsWith("# EOF"u8))
        {
            throw Error("expected # HELP, # TYPE, # UNIT or # EOF, a blank after each word", start);
        }
        if (head.Length > "# EOF".Length)
        {
            throw Error(AfterEnd, start + "# EOF".Length);
        }
        HasEnded = true;
        lines.Advance(start + head.Length);
        if (lines.Position < Bytes.Length)
        {
            throw Error(AfterEnd, lines.Position);
        }
    }

    private readonly int FamilyEnd(int at)
    {
        if (Bytes[at] == '"')
        {
            var end = lines.StringEnd(at + 1);
            if (end < 0 && lines.IsNewlineAdded)
            {
                throw Error("the metric name's quote is not closed", at);
            }
            return end;
        }
        var length = lines.NameLength(at);
        return length > 0 ? at + length : throw Error("expected a metric name after HELP, TYPE or UNIT", at);
    }

    private readonly void CheckMeta(TextEntry entry, int at)
    {
        switch (entry)
        {
            case TextEntry.Type when !IsType(Text):
                throw Error("unknown metric type", at);
            case TextEntry.Help when !Utf8.IsValid(Text):
                throw Error("the help text is not valid UTF-8", at);
            case TextEntry.Unit when !Text.IsEmpty && !IsSuffix(Text, Family):
                throw Error("the metric name does not end with '_' and the unit", at);
        }
    }

    private static bool IsType(ReadOnlySpan<byte> text)
    {
        foreach (var type in Types)
        {
            if (Ascii.Equals(text, type))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsSuffix(ReadOnlySpan<byte> unit, ReadOnlySpan<byte> family) =>
        family.Length > unit.Length && family.EndsWith(unit) && family[^(unit.Length + 1)] == '_';

    private bool ReadSample(int start)
    {
        var end = SeriesEnd(start);
        if (end < 0 || end == Bytes.Length)
        {
            return false;
        }
        if (Bytes[end] != ' ')
        {
            throw Error("expected one blank and a value after the series", end);
        }
        if (!TryReadNumber(end + 1, "value", out var at, out var value))
        {
            return false;
        }
        HasTimestamp = false;
        if (Bytes[at] == ' ')
        {
            if (at + 1 == Bytes.Length)
            {
                return false;
            }
            HasTimestamp = Bytes[at + 1] != '#';
            if (HasTimestamp)
            {
                var from = at + 1;
                if (!TryReadNumber(from, "timestamp", out at, out var seconds))
                {
                    return false;
                }
                TimestampMs = double.IsFinite(seconds)
                    ? Milliseconds(seconds)
                    : throw Error("a timestamp that is not finite", from);
            }
            at = Bytes[at] == ' ' ? ExemplarEnd(at + 1) : at;
            if (at < 0)
            {
                return false;
            }
        }
        Value = value;
        Series = Bytes[start..end];
        lines.Line += Series.Count((byte)'\n');
        lines.Advance(at);
        return true;
    }

    /// <summary>Reads a number up to a blank or the line's end.</summary>
    /// <returns>False when its end is not at hand.</returns>
    private readonly bool TryReadNumber(int at, string what, out int end, out double number)
    {
        number = 0;
        var length = Bytes[at..].IndexOfAny((byte)' ', (byte)'\n');
        end = at + length;
        if (length < 0)
        {
            return false;
        }
        var text = Bytes.Slice(at, length);
        return NumberText.TryParseValue(text, out number)
            ? true
            : throw Error(
                length == 0 ? $"expected a {what}" : $"not a {what}: {ExpositionException.Excerpt(text)}",
                at
            );
    }

    /// <summary>The newline behind an exemplar, which has to be a valid one; -1 when it is not at hand.</summary>
    /// <param name="at">Where the exemplar's <c>#</c> has to stand.</param>
    private readonly int ExemplarEnd(int at)
    {
        var length = Bytes[at..].IndexOf((byte)'\n');
        if (length < 0)
        {
            return -1;
        }
        return ExemplarText.Check(Bytes.Slice(at, length), out var problemAt) is { } problem
            ? throw Error(problem, at + problemAt)
            : at + length;
    }

    /// <summary>Where the text of a series ends; -1 when its end is not at hand.</summary>
    private readonly int SeriesEnd(int start)
    {
        var length = lines.NameLength(start);
        if (length == 0)
        {
            return Bytes[start] == '{'
                ? lines.BraceEnd(start + 1)
                : throw Error("expected a metric name, '{' or '#' at the beginning of the line", start);
        }
        var end = start + length;
        return length < 0 || end == Bytes.Length ? -1
            : Bytes[end] == '{' ? lines.BraceEnd(end + 1)
            : end;
    }
}
