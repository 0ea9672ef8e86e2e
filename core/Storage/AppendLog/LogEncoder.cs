using System.IO.Compression;
using Tributary.Binary;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Turns parts of batches into the bytes of one log file; keeps what the file has already said.</summary>
/// <remarks>
/// What was encoded must reach the file, in order and once: an encoder whose bytes were lost is of no further use, and its
/// file is left. docs/formats/log.md describes the bytes.
/// </remarks>
internal sealed class LogEncoder
{
    private readonly Window window;
    private readonly int appendBytes;
    private readonly LabelsEncoder labels = new();
    private readonly Dictionary<SeriesList, int> listIds = new(ReferenceEqualityComparer.Instance);
    private readonly SlotMap<Slot> slots = new();
    private readonly HashSet<string> described = new(StringComparer.Ordinal);
    private readonly ByteWriter body = new(64 * 1024);
    private readonly ByteWriter scratch = new(64 * 1024);
    private int nextList;
    private LogBlocks blocks;
    private int seriesNumbered;

    /// <summary>An encoder for a new file, whose first bytes are the preamble and the header.</summary>
    public LogEncoder(LogFileName file, long createdMs, int appendBytes = StoreLimits.AppendBytes)
    {
        this.appendBytes = appendBytes;
        blocks = new LogBlocks(appendBytes);
        window = file.Window;
        blocks.Write(LogFormat.Magic);
        blocks.Write([LogFormat.Version]);
        Begin(RecordType.Header);
        body.WriteVarint(file.Window.StartMs);
        body.WriteUInt64(file.Writer.High);
        body.WriteUInt64(file.Writer.Low);
        body.WriteVarint(createdMs);
        Commit(RecordFlags.None);
    }

    /// <summary>Encodes parts; what it returns is appended block by block, each block one append.</summary>
    /// <param name="parts">Parts of this file's window.</param>
    /// <param name="metadataOf">All metadata of a source, written when the file has none of it yet.</param>
    /// <param name="others">Where the batch's other parts went.</param>
    public LogBlocks Encode(
        IReadOnlyList<BatchPart> parts,
        Func<string, IEnumerable<MetricMetadata>> metadataOf,
        Func<Batch, IReadOnlyList<LogFileName>> others
    )
    {
        foreach (var part in parts)
        {
            EncodePart(part, metadataOf, part.HasReport ? others(part.Batch) : []);
            blocks.EndPart();
        }
        var encoded = blocks;
        blocks = new LogBlocks(appendBytes);
        return encoded;
    }

    private void EncodePart(
        BatchPart part,
        Func<string, IEnumerable<MetricMetadata>> metadataOf,
        IReadOnlyList<LogFileName> others
    )
    {
        var columns = Slices(part).ToList();
        var lists = columns.Select(column => ListOf(part.Batch.Source, column)).ToList();
        var source = labels.Symbol(part.Batch.Source);
        FlushLabels(all: true);
        if (part.HasReport)
        {
            var first = described.Add(part.Batch.Source);
            EncodeMetadata(source, first ? [.. metadataOf(part.Batch.Source)] : part.Batch.Metadata);
        }
        for (var i = 0; i < columns.Count; i++)
        {
            var flags = i == 0 ? RecordFlags.Begin : RecordFlags.None;
            var end = i == columns.Count - 1 && !part.HasReport ? RecordFlags.End : RecordFlags.None;
            EncodeSamples(part, source, columns[i], lists[i], (flags, end));
        }
        if (part.HasReport)
        {
            EncodeReport(part, source, others, RecordFlags.End | (columns.Count == 0 ? RecordFlags.Begin : 0));
        }
        if (SourceKey.IsBackfill(part.Batch.Source))
        {
            // Each step has a name of its own: nothing will be told by what differs from it.
            foreach (var slot in slots.Remove(part.Batch.Source))
            {
                listIds.Remove(slot.Slice);
            }
        }
    }

    private static IEnumerable<Column> Slices(BatchPart part)
    {
        foreach (var (columns, added) in new[] { (part.Scraped, false), (part.Added, true) })
        {
            for (var from = 0; from < columns.Count; from += LogFormat.MaxPositions)
            {
                yield return new Column(
                    columns,
                    added,
                    from / LogFormat.MaxPositions,
                    from,
                    Math.Min(LogFormat.MaxPositions, columns.Count - from)
                );
            }
        }
    }

    /// <summary>The slot of a column with the list it needs; writes the list when the file does not have it.</summary>
    private (Slot Slot, SeriesList List, int Id) ListOf(string source, Column column)
    {
        var slot = slots.Of(source, column.Added, column.Slice, static () => new Slot());
        var (whole, before) = (column.Columns.Series, slot.Slice);
        var series = whole.Span.Slice(column.From, column.Count);
        if (!ReferenceEquals(slot.Whole, whole) && !series.SequenceEqual(before.Span))
        {
            slot.Slice = column.Count == whole.Count ? whole : new SeriesList(series.ToArray());
            slot.Numbers = SeriesList.OfNumbers(NumbersOf(slot.Slice, before, slot.Numbers.Numbers));
        }
        slot.Whole = whole;
        if (!listIds.TryGetValue(slot.Slice, out var id))
        {
            id = nextList++;
            WriteList(slot.Numbers.Numbers, id);
            // Only the newest list of a slot can be met again by reference.
            listIds.Remove(before);
            listIds[slot.Slice] = id;
        }
        return (slot, slot.Numbers, id);
    }

    private void WriteList(ReadOnlySpan<int> numbers, int id)
    {
        scratch.Clear();
        var runs = 0;
        var next = 0;
        for (var i = 0; i < numbers.Length; )
        {
            var first = numbers[i];
            var length = 1;
            while (i + length < numbers.Length && numbers[i + length] == first + length)
            {
                length++;
            }
            scratch.WriteVarint(first - next);
            scratch.WriteUvarint((ulong)length);
            next = first + length;
            i += length;
            runs++;
        }
        FlushLabels(all: true);
        Begin(RecordType.List);
        body.WriteUvarint((ulong)id);
        body.WriteUvarint((ulong)numbers.Length);
        body.WriteUvarint((ulong)runs);
        body.WriteBytes(scratch.WrittenSpan);
        Commit(RecordFlags.None);
    }

    /// <summary>The numbers of a list's series; where it is as the list before, nothing is looked up.</summary>
    private int[] NumbersOf(SeriesList list, SeriesList before, ReadOnlySpan<int> numbersBefore)
    {
        var (prefix, suffix) = list.CommonWith(before);
        var numbers = new int[list.Count];
        numbersBefore[..prefix].CopyTo(numbers);
        for (var i = prefix; i < numbers.Length - suffix; i++)
        {
            numbers[i] = Numbered(list[i]);
        }
        numbersBefore[^suffix..].CopyTo(numbers.AsSpan(numbers.Length - suffix));
        return numbers;
    }

    private int Numbered(LabelSet series)
    {
        var number = labels.Series(series);
        if (number >= seriesNumbered)
        {
            seriesNumbered = number + 1;
            FlushLabels(all: false);
        }
        return number;
    }

    private void FlushLabels(bool all)
    {
        if (labels.PendingBytes == 0 || (!all && labels.PendingBytes < LogFormat.LabelsRecordBytes))
        {
            return;
        }
        var raw = new ByteWriter(labels.PendingBytes + 16);
        labels.WritePending(raw);
        CommitDeflated(RecordType.Labels, raw);
    }

    private void EncodeMetadata(int source, IReadOnlyList<MetricMetadata> metadata)
    {
        for (var from = 0; from < metadata.Count; )
        {
            var raw = new ByteWriter();
            raw.WriteUvarint((ulong)source);
            while (from < metadata.Count && raw.Length < LogFormat.LabelsRecordBytes)
            {
                var item = metadata[from++];
                raw.WriteString(item.Family);
                raw.WriteString(item.Type);
                raw.WriteString(item.Help);
                raw.WriteString(item.Unit);
            }
            CommitDeflated(RecordType.Metadata, raw);
        }
    }

    private void EncodeSamples(
        BatchPart part,
        int source,
        Column column,
        (Slot Slot, SeriesList List, int Id) list,
        (RecordFlags Own, RecordFlags Last) flags
    )
    {
        var state = list.Slot.State;
        var tickMs = part.Batch.TickMs;
        var restart = state.MustRestart(tickMs);
        state.MoveTo(list.List, tickMs, restart);
        var timestamps = column.Columns.TimestampsMs.Span.Slice(column.From, column.Count);
        var (minMs, maxMs) = Bounds(timestamps);
        Begin(RecordType.Samples);
        WriteIdentity(part, source);
        body.WriteUvarint((ulong)column.Slice);
        body.WriteVarint(minMs - tickMs);
        body.WriteUvarint((ulong)(maxMs - minMs));
        body.WriteUvarint((ulong)list.Id);
        TimestampCodec.Encode(timestamps, state.Timestamps, body);
        ValueCodec.Encode(column.Columns.Values.Span.Slice(column.From, column.Count), state.Values, body);
        var own = flags.Own | (restart ? RecordFlags.Restart : 0) | (column.Added ? RecordFlags.Added : 0);
        var histograms = column.Columns.Histograms.Span;
        histograms = histograms.IsEmpty ? [] : histograms.Slice(column.From, column.Count);
        var hasHistograms = HasAny(histograms);
        state.BeginHistograms(hasHistograms);
        Commit(hasHistograms ? own : own | flags.Last);
        if (hasHistograms)
        {
            EncodeHistograms(part, source, histograms, state, flags.Last);
        }
    }

    /// <summary>Writes the histograms of the samples record before, in records of about 1 MiB.</summary>
    private void EncodeHistograms(
        BatchPart part,
        int source,
        ReadOnlySpan<Histogram?> histograms,
        ColumnState state,
        RecordFlags last
    )
    {
        for (var next = 0; next < histograms.Length; )
        {
            Begin(RecordType.Histograms);
            WriteIdentity(part, source);
            var previous = -1;
            while (next < histograms.Length && body.Length < LogFormat.HistogramsRecordBytes)
            {
                if (histograms[next] is { } value)
                {
                    body.WriteUvarint((ulong)(next - previous - 1));
                    HistogramCodec.Encode(body, value, state.HistogramBefore(next));
                    state.SetHistogram(next, value);
                    previous = next;
                }
                next++;
            }
            var isLast = !HasAny(histograms[next..]);
            next = isLast ? histograms.Length : next;
            Commit(isLast ? last : RecordFlags.None);
        }
    }

    private void EncodeReport(BatchPart part, int source, IReadOnlyList<LogFileName> others, RecordFlags flags)
    {
        var report = part.Batch.Report;
        Begin(RecordType.Report);
        WriteIdentity(part, source);
        body.WriteVarint(report.StartedMs - part.Batch.TickMs);
        body.WriteUInt64(BitConverter.DoubleToUInt64Bits(report.DurationSeconds));
        body.WriteUvarint((ulong)report.BodyBytes);
        body.WriteUvarint((ulong)report.Scraped);
        body.WriteUvarint((ulong)report.PostRelabeling);
        body.WriteUvarint((ulong)report.SeriesAdded);
        body.WriteUvarint((ulong)report.OutOfBounds);
        body.WriteUvarint((ulong)report.Duplicates);
        body.WriteUvarint((ulong)report.Markers);
        body.WriteString(report.Error);
        body.WriteUvarint((ulong)others.Count);
        foreach (var other in others)
        {
            body.WriteVarint((other.Window.StartMs - window.StartMs) / Window.LengthMs);
            body.WriteUInt64(other.Writer.High);
            body.WriteUInt64(other.Writer.Low);
        }
        if (report.Missed is { } missed)
        {
            body.WriteUvarint((ulong)missed.Count);
            body.WriteVarint(part.Batch.TickMs - missed.AfterMs);
            body.WriteByte((byte)missed.Reason);
        }
        Commit(flags);
    }

    private void WriteIdentity(BatchPart part, int source)
    {
        body.WriteUvarint((ulong)source);
        body.WriteVarint(part.Batch.TickMs - window.StartMs);
        body.WriteByte((byte)part.Batch.Report.Verdict);
    }

    private static bool HasAny(ReadOnlySpan<Histogram?> histograms)
    {
        foreach (var histogram in histograms)
        {
            if (histogram is not null)
            {
                return true;
            }
        }
        return false;
    }

    private static (long Min, long Max) Bounds(ReadOnlySpan<long> timestamps)
    {
        var min = long.MaxValue;
        var max = long.MinValue;
        foreach (var timestamp in timestamps)
        {
            min = Math.Min(min, timestamp);
            max = Math.Max(max, timestamp);
        }
        return (min, max);
    }

    private void Begin(RecordType type)
    {
        body.Clear();
        body.WriteUInt32(0);
        body.WriteUInt32(0);
        body.WriteByte((byte)type);
        body.WriteByte(0);
    }

    private void CommitDeflated(RecordType type, ByteWriter raw)
    {
        using var deflated = new MemoryStream(raw.Length / 4);
        using (var deflate = new DeflateStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(raw.WrittenSpan);
        }
        var smaller = deflated.Length < raw.Length;
        Begin(type);
        if (smaller)
        {
            body.WriteUvarint((ulong)raw.Length);
            body.WriteBytes(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
        }
        else
        {
            body.WriteBytes(raw.WrittenSpan);
        }
        Commit(smaller ? RecordFlags.Deflated : RecordFlags.None);
    }

    private void Commit(RecordFlags flags)
    {
        body.PatchByte(LogFormat.FrameBytes + 1, (byte)flags);
        var content = body.WrittenSpan[LogFormat.FrameBytes..];
        body.PatchUInt32(0, (uint)content.Length);
        body.PatchUInt32(sizeof(uint), Crc32C.Compute(content));
        blocks.Write(body.WrittenSpan);
    }

    private sealed class Slot
    {
        public ColumnState State { get; } = new();
        public SeriesList? Whole { get; set; }
        public SeriesList Slice { get; set; } = SeriesList.Empty;

        /// <summary>The same by the numbers of its series in this file.</summary>
        public SeriesList Numbers { get; set; } = SeriesList.OfNumbers([]);
    }

    private readonly record struct Column(SampleColumns Columns, bool Added, int Slice, int From, int Count);
}
