using System.IO.Compression;
using System.Runtime.InteropServices;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>Reads one log file front to back, in pieces of any size; docs/formats/log.md describes the bytes.</summary>
/// <remarks>
/// Two steps, so that a reader who wants the last minutes decodes all labels but only those samples: <see cref="Scan"/>
/// yields the parts, <see cref="Decode"/> their columns. Columns of one slot are decoded in the file's order, beginning at
/// one that restarts.
/// </remarks>
internal sealed class LogDecoder
{
    private const int MaxInflatedBytes = 16 * 1024 * 1024;

    private readonly LogFileName file;
    private readonly string blob;
    private readonly LabelsDecoder labels;
    private LogPart? open;
    private byte[] inflated = [];

    /// <summary>A decoder at the beginning of a file.</summary>
    public LogDecoder(LogFileName file, SeriesTable table)
        : this(file, new TableLabelsDecoder(table)) { }

    /// <summary>A decoder at the beginning of a file whose series are kept in another way.</summary>
    public LogDecoder(LogFileName file, LabelsDecoder labels)
    {
        this.file = file;
        blob = file.ToString();
        this.labels = labels;
    }

    /// <summary>Where the next byte to scan is: behind the last whole record.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>Whether a part has begun that is not complete: it keeps bytes that were scanned.</summary>
    public bool HasOpenPart => open is not null;

    /// <summary>Series that the file has named so far.</summary>
    public int SeriesCount => labels.SeriesCount;

    /// <summary>Metadata that the file holds, newest last; whoever has used some may take it out.</summary>
    public List<(string Source, MetricMetadata Metadata)> Metadata { get; } = [];

    /// <summary>Takes the file's next bytes, from <see cref="OffsetBytes"/> on, as far as records are whole.</summary>
    /// <param name="bytes">Kept by the parts that are returned; not to be changed.</param>
    /// <param name="parts">Receives the parts that became complete.</param>
    /// <exception cref="CorruptDataException">The bytes are not what the format says.</exception>
    public void Scan(ReadOnlyMemory<byte> bytes, List<LogPart> parts)
    {
        var rest = bytes;
        if (OffsetBytes == 0)
        {
            if (rest.Length < LogFormat.PreambleBytes)
            {
                return;
            }
            ReadPreamble(rest.Span);
            rest = rest[LogFormat.PreambleBytes..];
        }
        while (rest.Length >= LogFormat.FrameBytes)
        {
            var frame = new ByteReader(rest.Span, blob, OffsetBytes);
            var length = frame.ReadUInt32();
            var crc = frame.ReadUInt32();
            if (length is < 2 or > LogFormat.MaxBodyBytes)
            {
                throw new CorruptDataException(blob, OffsetBytes, $"record of {length} bytes");
            }
            if (frame.Remaining < length)
            {
                return;
            }
            var body = rest.Slice(LogFormat.FrameBytes, (int)length);
            var actual = Crc32C.Compute(body.Span);
            if (actual != crc)
            {
                throw new CorruptDataException(blob, OffsetBytes, $"checksum {actual:x8}, wanted {crc:x8}");
            }
            var before = parts.Count;
            ReadRecord(body, OffsetBytes + LogFormat.FrameBytes, parts);
            OffsetBytes += LogFormat.FrameBytes + length;
            if (parts.Count > before)
            {
                parts[^1].EndBytes = OffsetBytes;
            }
            rest = rest[(LogFormat.FrameBytes + (int)length)..];
        }
    }

    /// <summary>Decodes one column. What it returns is valid until the next column of the same slot.</summary>
    /// <param name="column">A column of this file.</param>
    /// <param name="states">What the columns before have left; one for each way through the file.</param>
    public SampleColumns Decode(LogColumn column, SlotMap<ColumnState> states)
    {
        var state = states.Of(column.Part.Source, column.Added, column.Slice, static () => new ColumnState());
        if (!column.Restart && state.TickMs == long.MinValue)
        {
            throw new CorruptDataException(blob, column.OffsetBytes, "column needs one before it that is not there");
        }
        state.MoveTo(column.List, column.Part.TickMs, column.Restart);
        var input = new ByteReader(column.Body.Span, blob, column.OffsetBytes);
        TimestampCodec.Decode(state.Timestamps, ref input);
        ValueCodec.Decode(state.Values, ref input);
        if (input.Remaining != 0)
        {
            throw input.Corrupt($"{input.Remaining} bytes behind the column");
        }
        CheckRange(state.Timestamps, column);
        DecodeHistograms(column, state);
        return state.Columns;
    }

    private void DecodeHistograms(LogColumn column, ColumnState state)
    {
        state.BeginHistograms(column.Histograms.Count > 0);
        var end = 0;
        foreach (var (body, offset) in column.Histograms)
        {
            var input = new ByteReader(body.Span, blob, offset);
            // Gaps are counted from the beginning of the column in each record.
            var position = -1;
            while (input.Remaining > 0)
            {
                var gap = input.ReadUvarint();
                if (gap >= (ulong)(column.List.Count - position - 1) || position + 1 + (int)gap < end)
                {
                    throw input.Corrupt($"a histogram {gap} positions behind {position} of {column.List.Count}");
                }
                position += 1 + (int)gap;
                end = position + 1;
                state.SetHistogram(position, HistogramCodec.Decode(ref input, state.HistogramBefore(position)));
            }
        }
    }

    private void ReadPreamble(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(LogFormat.Magic))
        {
            throw new CorruptDataException(blob, 0, "not a log file");
        }
        var version = bytes[LogFormat.Magic.Length];
        if (version != LogFormat.Version)
        {
            throw new CorruptDataException(
                blob,
                LogFormat.Magic.Length,
                $"version {version}, known is {LogFormat.Version}"
            );
        }
        OffsetBytes = LogFormat.PreambleBytes;
    }

    private void ReadRecord(ReadOnlyMemory<byte> body, long offset, List<LogPart> parts)
    {
        var input = new ByteReader(body.Span, blob, offset);
        var type = (RecordType)input.ReadByte();
        var flags = (RecordFlags)input.ReadByte();
        if (type is RecordType.Labels && labels.KnowsLabels)
        {
            return;
        }
        if ((flags & RecordFlags.Deflated) != 0)
        {
            if (type is RecordType.Samples or RecordType.Histograms)
            {
                // Their bytes are kept; what is inflated is not.
                throw input.Corrupt("samples in a DEFLATE stream");
            }
            input = new ByteReader(Inflate(ref input, body), blob, offset);
        }
        switch (type)
        {
            case RecordType.Header:
                ReadHeader(ref input);
                break;
            case RecordType.Labels:
                labels.ReadLabels(ref input);
                break;
            case RecordType.List:
                labels.ReadList(ref input);
                break;
            case RecordType.Metadata:
                ReadMetadata(ref input);
                break;
            case RecordType.Samples:
                ReadSamples(ref input, body, offset, flags);
                Finish(flags, parts);
                break;
            case RecordType.Histograms:
                ReadHistograms(ref input, body, offset, flags);
                Finish(flags, parts);
                break;
            case RecordType.Report:
                ReadReport(ref input, offset, flags);
                Finish(flags, parts);
                break;
            default:
                throw new CorruptDataException(blob, offset, $"unknown record type {(byte)type}");
        }
    }

    private void ReadHeader(ref ByteReader input)
    {
        var startMs = input.ReadVarint();
        var writer = new Ulid(input.ReadUInt64(), input.ReadUInt64());
        if (startMs != file.Window.StartMs || writer != file.Writer)
        {
            throw input.Corrupt($"header says window {startMs}, writer {writer}: the file was renamed");
        }
    }

    /// <summary>What a record holds; valid until the next one.</summary>
    private ReadOnlySpan<byte> Inflate(scoped ref ByteReader input, ReadOnlyMemory<byte> body)
    {
        var length = input.ReadUvarint();
        if (length > MaxInflatedBytes)
        {
            throw input.Corrupt($"{length} bytes when inflated");
        }
        if (inflated.Length < (int)length)
        {
            inflated = new byte[length];
        }
        using var deflated = StreamOf(body[^input.Remaining..]);
        using var stream = new DeflateStream(deflated, CompressionMode.Decompress);
        try
        {
            stream.ReadExactly(inflated, 0, (int)length);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw input.Corrupt("broken DEFLATE stream");
        }
        return inflated.AsSpan(0, (int)length);
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private void ReadMetadata(ref ByteReader input)
    {
        var source = labels.Symbol(ref input);
        while (input.Remaining > 0)
        {
            var family = input.ReadString();
            var type = input.ReadString();
            Metadata.Add((source, new MetricMetadata(family, type, input.ReadString(), input.ReadString())));
        }
    }

    private LogPart ReadIdentity(ref ByteReader input, long offset, RecordFlags flags)
    {
        var source = labels.Symbol(ref input);
        var tickMs = file.Window.StartMs + input.ReadVarint();
        var verdict = input.ReadByte();
        if (verdict > (byte)Verdict.Failed)
        {
            throw input.Corrupt($"unknown verdict {verdict}");
        }
        if ((flags & RecordFlags.Begin) != 0)
        {
            open = new LogPart
            {
                File = file,
                OffsetBytes = offset - LogFormat.FrameBytes,
                Source = source,
                TickMs = tickMs,
                Verdict = (Verdict)verdict,
            };
        }
        if (open is null || open.Source != source || open.TickMs != tickMs)
        {
            throw input.Corrupt("record belongs to no part");
        }
        return open;
    }

    private void ReadSamples(ref ByteReader input, ReadOnlyMemory<byte> body, long offset, RecordFlags flags)
    {
        var part = ReadIdentity(ref input, offset, flags);
        var slice = input.ReadUvarint();
        var minMs = part.TickMs + input.ReadVarint();
        var maxMs = minMs + (long)input.ReadUvarint();
        if (!file.Window.Contains(minMs) || !file.Window.Contains(maxMs) || slice > int.MaxValue)
        {
            throw input.Corrupt($"samples from {minMs} to {maxMs} outside the window");
        }
        var list = labels.List(ref input);
        part.Columns.Add(
            new LogColumn(
                part,
                body[^input.Remaining..],
                input.Offset,
                (flags & RecordFlags.Added) != 0,
                (int)slice,
                (flags & RecordFlags.Restart) != 0,
                new TimeRange(minMs, maxMs),
                list
            )
        );
    }

    private void ReadHistograms(ref ByteReader input, ReadOnlyMemory<byte> body, long offset, RecordFlags flags)
    {
        var part = ReadIdentity(ref input, offset, flags & ~RecordFlags.Begin);
        if (part.Columns.Count == 0)
        {
            throw input.Corrupt("histograms without samples before them");
        }
        part.Columns[^1].Histograms.Add((body[^input.Remaining..], input.Offset));
    }

    private void ReadReport(ref ByteReader input, long offset, RecordFlags flags)
    {
        var part = ReadIdentity(ref input, offset, flags);
        part.Report = new ScrapeReport
        {
            Verdict = part.Verdict,
            StartedMs = part.TickMs + input.ReadVarint(),
            DurationSeconds = BitConverter.UInt64BitsToDouble(input.ReadUInt64()),
            BodyBytes = (long)input.ReadUvarint(),
            Scraped = ReadInt(ref input),
            PostRelabeling = ReadInt(ref input),
            SeriesAdded = ReadInt(ref input),
            OutOfBounds = ReadInt(ref input),
            Duplicates = ReadInt(ref input),
            Markers = ReadInt(ref input),
            Error = input.ReadString(),
        };
        var others = new LogFileName[input.ReadCount("other parts")];
        for (var i = 0; i < others.Length; i++)
        {
            var window = new Window(file.Window.StartMs + input.ReadVarint() * Window.LengthMs);
            others[i] = new LogFileName(window, new Ulid(input.ReadUInt64(), input.ReadUInt64()));
        }
        part.Others = others;
        if (input.Remaining > 0)
        {
            part.Report = part.Report with { Missed = ReadMissed(ref input, part.TickMs) };
        }
    }

    private static MissedTicks ReadMissed(ref ByteReader input, long tickMs)
    {
        var count = ReadInt(ref input);
        var afterMs = tickMs - input.ReadVarint();
        var reason = (MissReason)input.ReadByte();
        return count > 0 && reason <= MissReason.NotStored
            ? new MissedTicks(afterMs, count, reason)
            : throw input.Corrupt($"{count} missed ticks for reason {(byte)reason}");
    }

    private static int ReadInt(ref ByteReader input)
    {
        var value = input.ReadUvarint();
        return value <= int.MaxValue ? (int)value : throw input.Corrupt($"count {value}");
    }

    private void Finish(RecordFlags flags, List<LogPart> parts)
    {
        if ((flags & RecordFlags.End) != 0)
        {
            parts.Add(open!);
            open = null;
        }
    }

    private void CheckRange(ReadOnlySpan<long> timestamps, LogColumn column)
    {
        foreach (var timestamp in timestamps)
        {
            if (!column.Range.Contains(timestamp))
            {
                throw new CorruptDataException(
                    blob,
                    column.OffsetBytes,
                    $"timestamp {timestamp} outside the record's range"
                );
            }
        }
    }
}
