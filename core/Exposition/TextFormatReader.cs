using System.Buffers;
using System.Text.Unicode;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Reads the text exposition format 0.0.4 from the bytes of a body that are at hand, entry by entry.</summary>
/// <remarks>
/// As lenient as Prometheus' own parser: https://prometheus.io/docs/instrumenting/exposition_formats/. An entry that is
/// not whole is left alone: read on with a new reader that begins at <see cref="Consumed"/> and sees more. Labels are only
/// delimited here; <see cref="SeriesText"/> parses them, once per series.
/// </remarks>
internal ref struct TextFormatReader
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789"u8
    );
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create(" \t\n{"u8);

    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];

    private readonly ReadOnlySpan<byte> bytes;
    private readonly long offset;
    private readonly bool isNewlineAdded;
    private int position;

    /// <param name="bytes">What is at hand of the body, from the beginning of a line.</param>
    /// <param name="offset">Where they begin in the body; only errors use it.</param>
    /// <param name="line">The number of their first line, from 1.</param>
    /// <param name="isNewlineAdded">Whether the last byte is a newline that the body does not have.</param>
    public TextFormatReader(ReadOnlySpan<byte> bytes, long offset, int line, bool isNewlineAdded)
    {
        this.bytes = bytes;
        this.offset = offset;
        this.isNewlineAdded = isNewlineAdded;
        Line = line;
    }

    /// <summary>How many bytes have been read: the beginning of the first line that has not.</summary>
    public readonly int Consumed => position;

    /// <summary>The number of the line at <see cref="Consumed"/>.</summary>
    public int Line { get; private set; }

    /// <summary>The sample's series as written, from its name to the end of its labels.</summary>
    public ReadOnlySpan<byte> Series { get; private set; }

    /// <summary>The sample's value; NaN is <see cref="StaleMarker.NormalNaN"/>.</summary>
    public double Value { get; private set; }

    /// <summary>Whether the sample has a timestamp of its own.</summary>
    public bool HasTimestamp { get; private set; }

    /// <summary>The sample's timestamp, in milliseconds since the epoch.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>The family that a type or help text is of, escaped when it was quoted.</summary>
    public ReadOnlySpan<byte> Family { get; private set; }

    /// <summary>The type, or the escaped help text.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Reads the next line if it is a plain sample of the series expected there; else nothing has happened.</summary>
    /// <param name="length">The length of the series' text; 0 when none is expected.</param>
    /// <param name="hash"><see cref="ByteHash.Compute128"/> of the series' text.</param>
    public bool TryReadExpected(int length, UInt128 hash)
    {
        var rest = bytes[position..];
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
        position += at + 1;
        Line++;
        return true;
    }

    /// <summary>Reads the next sample, type or help text; other comments and blank lines are passed over.</summary>
    /// <exception cref="ExpositionException">The line is not in the format.</exception>
    public TextEntry Read()
    {
        while (true)
        {
            var start = SkipBlanks(position);
            if (start == bytes.Length)
            {
                return TextEntry.End;
            }
            if (bytes[start] == '\n')
            {
                Advance(start);
                continue;
            }
            if (bytes[start] != '#')
            {
                return ReadSample(start) ? TextEntry.Sample : TextEntry.End;
            }
            var length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return TextEntry.End;
            }
            var entry = ReadComment(start, start + length);
            Advance(start + length);
            if (entry is not TextEntry.End)
            {
                return entry;
            }
        }
    }

    /// <summary>Where <see cref="Consumed"/> lies in the body.</summary>
    public readonly long Offset => offset + position;

    /// <summary>An error in the labels of the sample read last.</summary>
    public readonly ExpositionException ErrorInSample(string problem)
    {
        Series.Overlaps(bytes, out var start);
        return new ExpositionException(problem, Line - 1, offset - start, Series);
    }

    /// <summary>An error at a place in the bytes.</summary>
    public readonly ExpositionException Error(string problem, int at) => Error(problem, at, IsEnd(at));

    private readonly ExpositionException Error(string problem, int at, bool isAtEnd)
    {
        var line = Line + bytes[position..Math.Max(at, position)].Count((byte)'\n');
        var text = bytes[position..];
        var end = text.IndexOf((byte)'\n');
        return new ExpositionException(problem, line, offset + at, end < 0 ? text : text[..end], isAtEnd);
    }

    private readonly bool IsEnd(int at) => isNewlineAdded && at >= bytes.Length - 1;

    private void Advance(int newline)
    {
        position = newline + 1;
        Line++;
    }

    private readonly int SkipBlanks(int at)
    {
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
        return at;
    }

    /// <summary>Reads a line that begins with <c>#</c>; <see cref="TextEntry.End"/> for a comment without meaning.</summary>
    private TextEntry ReadComment(int start, int end)
    {
        var at = SkipBlanks(start + 1);
        if (at == start + 1 || end - at < 5 || bytes[at + 4] is not ((byte)' ' or (byte)'\t'))
        {
            return TextEntry.End;
        }
        var word = bytes.Slice(at, 4);
        var isType = word.SequenceEqual("TYPE"u8);
        if (!isType && !word.SequenceEqual("HELP"u8))
        {
            return TextEntry.End;
        }
        at = SkipBlanks(at + 4);
        var nameEnd = FamilyEnd(at, end);
        Family = bytes[at] == '"' ? bytes[(at + 1)..(nameEnd - 1)] : bytes[at..nameEnd];
        if (isType)
        {
            Text = bytes[nameEnd..end].Trim(" \t"u8);
            CheckType(end - Text.Length);
            return TextEntry.Type;
        }
        Text = bytes[Math.Min(nameEnd + 1, end)..end];
        if (!Utf8.IsValid(Text) || !Utf8.IsValid(Family))
        {
            throw Error("the help text is not valid UTF-8", nameEnd, IsEnd(end));
        }
        return TextEntry.Help;
    }

    private readonly int FamilyEnd(int at, int end)
    {
        if (bytes[at] == '"')
        {
            var quoted = StringEnd(at + 1);
            return quoted >= 0 && quoted <= end
                ? quoted
                : throw Error("the metric name's quote is not closed", at, IsEnd(end));
        }
        var length = bytes[at..].IndexOfAnyExcept(NameBytes);
        return length > 0 && !char.IsAsciiDigit((char)bytes[at])
            ? at + length
            : throw Error("expected a metric name after HELP or TYPE", at);
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
        throw Error("unknown metric type", at, isBeginning && IsEnd(at + Text.Length));
    }

    private bool ReadSample(int start)
    {
        var end = SeriesEnd(start);
        if (end < 0)
        {
            return false;
        }
        var at = SkipBlanks(end);
        var length = bytes[at..].IndexOfAny(ValueEnds);
        if (length < 0)
        {
            return false;
        }
        var text = bytes.Slice(at, length);
        if (!NumberText.TryParseValue(text, out var value))
        {
            throw Error(
                length == 0 ? "expected a value after the series" : $"not a value: {ExpositionException.Excerpt(text)}",
                at,
                IsEnd(at + length) && NumberText.IsBeginningOfValue(text)
            );
        }
        at = SkipBlanks(at + length);
        if (at == bytes.Length)
        {
            return false;
        }
        HasTimestamp = bytes[at] != '\n';
        if (HasTimestamp)
        {
            if (!NumberText.TryReadTimestamp(bytes[at..], out length, out var timestampMs))
            {
                throw Error("expected a timestamp in milliseconds or the end of the line", at);
            }
            TimestampMs = timestampMs;
            at = SkipBlanks(at + length);
            if (at == bytes.Length)
            {
                return false;
            }
            if (bytes[at] != '\n')
            {
                throw Error("expected the end of the line after the timestamp", at);
            }
        }
        Value = value;
        Series = bytes[start..end];
        Line += Series.Count((byte)'\n');
        Advance(at);
        return true;
    }

    /// <summary>Where the text of a series ends; -1 when its end is not at hand.</summary>
    private readonly int SeriesEnd(int start)
    {
        if (!NameBytes.Contains(bytes[start]) || char.IsAsciiDigit((char)bytes[start]))
        {
            return bytes[start] == '{' ? BraceEnd(start + 1) : throw Error("expected a metric name", start);
        }
        var length = bytes[start..].IndexOfAnyExcept(NameBytes);
        if (length < 0)
        {
            return -1;
        }
        var brace = SkipBlanks(start + length);
        if (brace == bytes.Length)
        {
            return -1;
        }
        return bytes[brace] == '{' ? BraceEnd(brace + 1) : start + length;
    }

    private readonly int BraceEnd(int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOfAny((byte)'"', (byte)'}', (byte)'\n');
            if (next < 0)
            {
                return -1;
            }
            at += next;
            switch (bytes[at])
            {
                case (byte)'}':
                    return at + 1;
                case (byte)'\n':
                    throw Error("the labels end without '}'", at);
            }
            var end = StringEnd(at + 1);
            if (end < 0)
            {
                // Values may contain newlines, so only at the end is it certain that a quote is missing; and only in a
                // last line can the quote have been cut off.
                return isNewlineAdded
                    ? throw Error(
                        "a label value's quote is not closed",
                        at,
                        bytes[position..^1].IndexOf((byte)'\n') < 0
                    )
                    : -1;
            }
            at = end;
        }
    }

    /// <summary>Where a quoted string ends, behind its quote; -1 when that is not at hand.</summary>
    private readonly int StringEnd(int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return -1;
            }
            at += next + 1;
            if (bytes[at - 1] == '"')
            {
                return at;
            }
            if (at == bytes.Length)
            {
                return -1;
            }
            at++;
        }
    }
}
