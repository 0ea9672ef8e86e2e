using System.Text.Unicode;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Reads delimited <c>io.prometheus.client.MetricFamily</c> messages from the bytes of a body that are at hand.</summary>
/// <remarks>
/// A family may be larger than memory: it is read metric by metric. So its name and type have to stand before its metrics,
/// as every writer puts them (fields are written by number); a type that comes later is an error. What is not whole is left
/// alone: read on with a new reader over the same state that begins at <see cref="Consumed"/> and sees more. See
/// <see href="https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format"/>.
/// </remarks>
internal ref struct ProtobufReader : IExpositionReader
{
    /// <summary>No family is larger.</summary>
    private const int MaxFamilyBytes = 1 << 30;

    private readonly ProtobufState state;
    private readonly ReadOnlySpan<byte> bytes;
    private readonly long start;
    private TextEntry prepared;
    private bool isPrepared;

    /// <param name="state">Where in the body the bytes begin.</param>
    /// <param name="bytes">What is at hand of the body.</param>
    /// <param name="offset">Where they begin in the body.</param>
    public ProtobufReader(ProtobufState state, ReadOnlySpan<byte> bytes, long offset)
    {
        this.state = state;
        this.bytes = bytes;
        start = offset;
    }

    /// <inheritdoc/>
    public static bool IsOpenMetrics => true;

    /// <inheritdoc/>
    public int Consumed { get; private set; }

    /// <summary>There are no lines.</summary>
    public readonly int Line => 0;

    /// <inheritdoc/>
    public readonly long Offset => start + Consumed;

    /// <summary>The format has no end marker.</summary>
    public readonly bool HasEnded => false;

    /// <inheritdoc/>
    public readonly ReadOnlySpan<byte> Series => state.Metric.Series;

    /// <inheritdoc/>
    public readonly double Value => state.Metric.Value;

    /// <inheritdoc/>
    public readonly Histogram? Histogram => state.Metric.Histogram;

    /// <inheritdoc/>
    public readonly bool HasTimestamp => state.Metric.TimestampMs != 0;

    /// <inheritdoc/>
    public readonly long TimestampMs => state.Metric.TimestampMs;

    /// <inheritdoc/>
    public readonly ReadOnlySpan<byte> Family => state.EscapedName;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <inheritdoc/>
    public bool TryReadExpected(int length, UInt128 hash)
    {
        Prepare();
        if (
            prepared is not TextEntry.Sample
            || state.Metric.Series.Length != length
            || ByteHash.Compute128(state.Metric.Series) != hash
        )
        {
            return false;
        }
        isPrepared = false;
        return true;
    }

    /// <inheritdoc/>
    public TextEntry Read()
    {
        Prepare();
        isPrepared = false;
        return prepared;
    }

    /// <inheritdoc/>
    public readonly ExpositionException ErrorInSample(string problem) =>
        new(problem, 0, state.MetricOffset, state.Metric.Series);

    /// <inheritdoc/>
    public readonly ExpositionException Error(string problem, int at) => new(problem, 0, start + at, []);

    private void Prepare()
    {
        if (!isPrepared)
        {
            prepared = Advance();
            isPrepared = true;
        }
    }

    private TextEntry Advance()
    {
        while (true)
        {
            if (state.Announcements.TryDequeue(out var announcement))
            {
                Text = TextOf(announcement);
                return announcement;
            }
            var problem = state.Metric.MoveNext(out var hasSample);
            if (problem is not null)
            {
                throw ErrorInSample(problem);
            }
            if (hasSample)
            {
                return state.Metric.Histogram is null ? TextEntry.Sample : TextEntry.Histogram;
            }
            if (state.IsInFamily && Offset == state.FamilyEnd)
            {
                state.End();
            }
            if (!(state.IsInFamily ? TryReadField() : TryBeginFamily()))
            {
                return TextEntry.End;
            }
        }
    }

    private bool TryBeginFamily()
    {
        if (!TryReadNumber(Consumed, "a family's length", out var end, out var length))
        {
            return false;
        }
        if (length > MaxFamilyBytes)
        {
            throw Error($"a family of {length} bytes: not delimited MetricFamily messages, or far too large", Consumed);
        }
        Consumed = end;
        state.Begin(Offset + (long)length);
        return true;
    }

    /// <summary>Reads one field of the family; false when it is not at hand whole.</summary>
    private bool TryReadField()
    {
        if (!TryReadNumber(Consumed, "a field's number", out var at, out var tag))
        {
            return false;
        }
        var field = tag >> 3;
        switch (tag & 7)
        {
            case 0:
                if (!TryReadNumber(at, "a number", out var end, out var number))
                {
                    return false;
                }
                Check(end);
                ReadNumber(field, number);
                Consumed = end;
                return true;
            case 2:
                return TryReadPiece(field, at);
            case var wire and (1 or 5):
                CheckWire(field, wire);
                end = at + (wire == 1 ? sizeof(ulong) : sizeof(uint));
                Check(end);
                if (end > bytes.Length)
                {
                    return false;
                }
                Consumed = end;
                return true;
            case var wire:
                throw Error($"field {field} of a family has the wire type {wire}, which is not read", Consumed);
        }
    }

    private bool TryReadPiece(ulong field, int at)
    {
        if (field is 0 or 3)
        {
            CheckWire(field, 2);
        }
        if (!TryReadNumber(at, "a field's length", out var first, out var length))
        {
            return false;
        }
        if (length > (ulong)(state.FamilyEnd - start - first))
        {
            throw Error($"field {field} of {length} bytes runs past the end of its family", Consumed);
        }
        if (length > (ulong)(bytes.Length - first))
        {
            return false;
        }
        var piece = bytes.Slice(first, (int)length);
        if (field == 4 && !state.IsAnnounced)
        {
            // The field is read again once they are handed out.
            Announce();
            return true;
        }
        switch (field)
        {
            case 1:
                ReadName(piece);
                break;
            case 2:
                state.Help = EscapedText.Of(CheckText(piece, "help text"));
                AnnounceLate(TextEntry.Help);
                break;
            case 4:
                state.MetricOffset = start + first;
                state.Metric.Read(piece, state.MetricOffset, state.Name, state.Type);
                break;
            case 5:
                state.Unit = CheckText(piece, "unit").ToArray();
                AnnounceLate(TextEntry.Unit);
                break;
        }
        Consumed = first + (int)length;
        return true;
    }

    private readonly void ReadNumber(ulong field, ulong number)
    {
        if (field != 3)
        {
            CheckWire(field, 0);
            return;
        }
        if (number > (ulong)FamilyType.GaugeHistogram)
        {
            throw Error($"the metric type {number} is not known", Consumed);
        }
        if (state.IsAnnounced && (ulong)state.Type != number)
        {
            throw Error("a family's type stands behind its metrics, which is not read", Consumed);
        }
        state.Type = (FamilyType)number;
    }

    private readonly void ReadName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !Utf8.IsValid(name) || (state.IsAnnounced && !name.SequenceEqual(state.Name)))
        {
            throw Error(
                $"a family's name is {(name.IsEmpty ? "empty" : "not valid UTF-8, or stands behind its metrics")}",
                Consumed
            );
        }
        state.Name = name.ToArray();
        state.EscapedName = EscapedText.Of(name);
    }

    private readonly void Announce()
    {
        if (state.Name.Length == 0)
        {
            throw Error("a family has metrics before a name", Consumed);
        }
        state.IsAnnounced = true;
        state.Announcements.Enqueue(TextEntry.Type);
        if (state.Help.Length > 0)
        {
            state.Announcements.Enqueue(TextEntry.Help);
        }
        if (state.Unit.Length > 0)
        {
            state.Announcements.Enqueue(TextEntry.Unit);
        }
    }

    private readonly void AnnounceLate(TextEntry entry)
    {
        if (state.IsAnnounced)
        {
            state.Announcements.Enqueue(entry);
        }
    }

    private readonly ReadOnlySpan<byte> TextOf(TextEntry announcement) =>
        announcement switch
        {
            TextEntry.Help => state.Help,
            TextEntry.Unit => state.Unit,
            _ => state.Type switch
            {
                FamilyType.Counter => "counter"u8,
                FamilyType.Gauge => "gauge"u8,
                FamilyType.Summary => "summary"u8,
                FamilyType.Histogram => "histogram"u8,
                FamilyType.GaugeHistogram => "gaugehistogram"u8,
                _ => "untyped"u8,
            },
        };

    private readonly ReadOnlySpan<byte> CheckText(ReadOnlySpan<byte> text, string what) =>
        Utf8.IsValid(text) ? text : throw Error($"a {what} is not valid UTF-8", Consumed);

    /// <summary>Reads a varint; false when it is not at hand whole.</summary>
    private readonly bool TryReadNumber(int at, string what, out int end, out ulong number)
    {
        var length = WireReader.TryReadVarint(bytes[at..], out number);
        end = at + length;
        if (length < 0)
        {
            throw Error($"{what} is longer than 64 bits", at);
        }
        if (state.IsInFamily)
        {
            // A number that is not whole needs at least one byte more.
            Check(length == 0 ? bytes.Length + 1 : end);
        }
        return length > 0;
    }

    private readonly void Check(int end)
    {
        if (start + end > state.FamilyEnd)
        {
            throw Error("a field runs past the end of its family", Consumed);
        }
    }

    private readonly void CheckWire(ulong field, ulong wire)
    {
        if (field is 0 or (>= 1 and <= 5))
        {
            throw Error($"field {field} of a family has the wire type {wire}", Consumed);
        }
    }
}
