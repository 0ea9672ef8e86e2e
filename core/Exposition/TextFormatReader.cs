using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Reads Prometheus' text format, 0.0.4 and 1.0.0, from the bytes of a body that are at hand, entry by entry.</summary>
/// <remarks>
/// As lenient as Prometheus' own parser: https://prometheus.io/docs/instrumenting/exposition_formats/. An entry that is
/// not whole is left alone: read on with a new reader that begins at <see cref="Consumed"/> and sees more. Labels are only
/// delimited here; <see cref="SeriesText"/> parses them, once per series.
/// </remarks>
internal ref struct TextFormatReader : IExpositionReader
{
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create(" \t\n{"u8);

    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];

    private LineCursor lines;

    /// <param name="bytes">What is at hand of the body, from the beginning of a line.</param>
    /// <param name="offset">Where they begin in the body; only errors use it.</param>
    /// <param name="line">The number of their first line, from 1.</param>
    /// <param name="isNewlineAdded">Whether the last byte is a newline that the body does not have.</param>
    public TextFormatReader(ReadOnlySpan<byte> bytes, long offset, int line, bool isNewlineAdded) =>
        lines = new LineCursor(bytes, offset, line, isNewlineAdded);

    /// <inheritdoc/>
    public static bool IsOpenMetrics => false;

    /// <inheritdoc/>
    public readonly int Consumed => lines.Position;

    /// <inheritdoc/>
    public readonly int Line => lines.Line;

    /// <inheritdoc/>
    public readonly long Offset => lines.Offset;

    /// <summary>Whether a zero byte stood where a line begins: as in Prometheus nothing behind it counts.</summary>
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
        HasTimestamp = rest[at] == ' ';
        if (HasTimestamp)
        {
            at++;
            if (!NumberText.TryReadTimestamp(rest[at..], out used, out var timestampMs))
            {
                return false;
            }
            at += used;
            if (at >= rest.Length || rest[at] != '\n')
            {
                return false;
            }
            TimestampMs = timestampMs;
        }
        Value = value;
        lines.Advance(lines.Position + at);
        return true;
    }

    /// <inheritdoc/>
    public TextEntry Read()
    {
        while (true)
        {
            var start = SkipBlanks(lines.Position);
            if (start == Bytes.Length)
            {
                return TextEntry.End;
            }
            if (Bytes[start] == '\n')
            {
                lines.Advance(start);
                continue;
            }
            if (Bytes[start] == 0)
            {
                return End();
            }
            if (Bytes[start] != '#')
            {
                return ReadSample(start) ? TextEntry.Sample : TextEntry.End;
            }
            var length = Bytes[start..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return TextEntry.End;
            }
            if (IsEndInComment(Bytes.Slice(start + 1, length - 1)))
            {
                return End();
            }
            var entry = ReadComment(start, start + length);
            lines.Advance(start + length);
            if (entry is not TextEntry.End)
            {
                return entry;
            }
        }
    }

    /// <inheritdoc/>
    public readonly ExpositionException ErrorInSample(string problem) => lines.ErrorBefore(problem, Series);

    /// <inheritdoc/>
    public readonly ExpositionException Error(string problem, int at) => lines.Error(problem, at);

    private readonly int SkipBlanks(int at)
    {
        while (at < Bytes.Length && Bytes[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
        return at;
    }

    private TextEntry End()
    {
        HasEnded = true;
        lines.Position = Bytes.Length;
        return TextEntry.End;
    }

    /// <summary>Whether a zero byte follows <c>#</c> with no blank between, or with nothing but blanks.</summary>
    private static bool IsEndInComment(ReadOnlySpan<byte> comment)
    {
        var zero = comment.IndexOf((byte)0);
        return zero >= 0
            && (comment[0] is not ((byte)' ' or (byte)'\t') || !comment[..zero].ContainsAnyExcept(" \t"u8));
    }

    /// <summary>Reads a line that begins with <c>#</c>; <see cref="TextEntry.End"/> for a comment without meaning.</summary>
    private TextEntry ReadComment(int start, int end)
    {
        var at = SkipBlanks(start + 1);
        if (at == start + 1 || end - at < 5 || Bytes[at + 4] is not ((byte)' ' or (byte)'\t'))
        {
            return TextEntry.End;
        }
        var word = Bytes.Slice(at, 4);
        var isType = word.SequenceEqual("TYPE"u8);
        if (!isType && !word.SequenceEqual("HELP"u8))
        {
            return TextEntry.End;
        }
        at = SkipBlanks(at + 4);
        var nameEnd = FamilyEnd(at, end);
        Family = Bytes[at] == '"' ? Bytes[(at + 1)..(nameEnd - 1)] : Bytes[at..nameEnd];
        Text = Bytes[Math.Min(nameEnd + 1, end)..end];
        if (isType)
        {
            CheckType(end - Text.Length);
            return TextEntry.Type;
        }
        if (!Text.ContainsAnyExcept((byte)' ', (byte)'\t'))
        {
            Text = [];
        }
        if (!Utf8.IsValid(Text))
        {
            throw lines.Error("the help text is not valid UTF-8", nameEnd, lines.IsEnd(end));
        }
        return TextEntry.Help;
    }

    private readonly int FamilyEnd(int at, int end)
    {
        if (Bytes[at] == '"')
        {
            var quoted = lines.StringEnd(at + 1);
            return quoted >= 0 && quoted <= end
                ? quoted
                : throw lines.Error("the metric name's quote is not closed", at, lines.IsEnd(end));
        }
        var length = lines.NameLength(at);
        return length > 0 ? at + length : throw lines.Error("expected a metric name after HELP or TYPE", at);
    }

    private readonly void CheckType(int at)
    {
        var isBeginning = false;
        foreach (var type in Types)
        {
            if (System.Text.Ascii.Equals(Text, type))
            {
                return;
            }
            isBeginning |= Text.Length < type.Length && System.Text.Ascii.Equals(Text, type.AsSpan(0, Text.Length));
        }
        throw lines.Error("unknown metric type", at, isBeginning && lines.IsEnd(at + Text.Length));
    }

    private bool ReadSample(int start)
    {
        var end = SeriesEnd(start);
        if (end < 0)
        {
            return false;
        }
        var at = SkipBlanks(end);
        var length = Bytes[at..].IndexOfAny(ValueEnds);
        if (length < 0)
        {
            return false;
        }
        var text = Bytes.Slice(at, length);
        if (!NumberText.TryParseValue(text, out var value))
        {
            throw lines.Error(
                length == 0 ? "expected a value after the series" : $"not a value: {ExpositionException.Excerpt(text)}",
                at,
                lines.IsEnd(at + length) && NumberText.IsBeginningOfValue(text)
            );
        }
        at = SkipBlanks(at + length);
        if (at == Bytes.Length)
        {
            return false;
        }
        HasTimestamp = Bytes[at] != '\n';
        if (HasTimestamp)
        {
            if (!NumberText.TryReadTimestamp(Bytes[at..], out length, out var timestampMs))
            {
                throw lines.Error("expected a timestamp in milliseconds or the end of the line", at);
            }
            TimestampMs = timestampMs;
            at = SkipBlanks(at + length);
            if (at == Bytes.Length)
            {
                return false;
            }
            if (Bytes[at] != '\n')
            {
                throw lines.Error("expected the end of the line after the timestamp", at);
            }
        }
        Value = value;
        Series = Bytes[start..end];
        lines.Line += Series.Count((byte)'\n');
        lines.Advance(at);
        return true;
    }

    /// <summary>Where the text of a series ends; -1 when its end is not at hand.</summary>
    private readonly int SeriesEnd(int start)
    {
        var length = lines.NameLength(start);
        if (length == 0)
        {
            return Bytes[start] == '{' ? lines.BraceEnd(start + 1) : throw lines.Error("expected a metric name", start);
        }
        if (length < 0)
        {
            return -1;
        }
        var brace = SkipBlanks(start + length);
        if (brace == Bytes.Length)
        {
            return -1;
        }
        return Bytes[brace] == '{' ? lines.BraceEnd(brace + 1) : start + length;
    }
}
