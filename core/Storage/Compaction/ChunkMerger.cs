using System.Runtime.InteropServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;

namespace Tributary.Storage.Compaction;

/// <summary>Makes one run of chunks of the chunks that several inputs have of one series.</summary>
/// <remarks>
/// Chunks that overlap no other and lose no sample are taken as they are, unless all are to be encoded anew. Where inputs
/// have different values at one time, the rule of the inputs decides: among batches of the log their own
/// (<see cref="SampleRule"/>), among blocks the one that was committed first. Its memory is used again for each series.
/// </remarks>
/// <param name="block">Receives the chunks.</param>
/// <param name="rule">Which of two values at one time counts.</param>
/// <param name="encodesAnew">Whether all chunks are: those of a log were cut as the samples came.</param>
/// <param name="inputs">The names of the inputs by rank, for errors.</param>
internal sealed class ChunkMerger(BlockWriter block, ConflictRule rule, bool encodesAnew, IReadOnlyList<string> inputs)
{
    private readonly SampleEncoder encoder = new(block);
    private readonly ByteWriter data = new(64 * 1024);
    private readonly List<Item> items = [];
    private readonly List<(int Rank, TimeRange Range)> deleted = [];
    private readonly List<Decoded> decoded = [];
    private long[] timestampsMs = new long[XorChunkBuilder.MaxSamples];
    private double[] values = new double[XorChunkBuilder.MaxSamples];

    /// <summary>Different values at one time.</summary>
    public long Conflicts { get; private set; }

    /// <summary>Samples that were encoded anew.</summary>
    public long Encoded => encoder.Encoded;

    /// <summary>Adds a chunk of the series; its bytes are copied.</summary>
    /// <param name="rank">The input: of two blocks, the lower one counts.</param>
    /// <param name="minMs">Time of its first sample.</param>
    /// <param name="maxMs">Time of its last sample.</param>
    /// <param name="encoding">How it is encoded.</param>
    /// <param name="bytes">The encoded samples.</param>
    public void Add(int rank, long minMs, long maxMs, ChunkEncoding encoding, ReadOnlySpan<byte> bytes)
    {
        items.Add(new Item(rank, minMs, maxMs, encoding, data.Length, bytes.Length));
        data.WriteBytes(bytes);
    }

    /// <summary>Leaves out the samples that an input has of the series in a range.</summary>
    public void Delete(int rank, TimeRange range) => deleted.Add((rank, range));

    /// <summary>Writes the series' chunks, and begins the next series.</summary>
    public void Write()
    {
        items.Sort();
        var all = CollectionsMarshal.AsSpan(items);
        for (var first = 0; first < all.Length; )
        {
            var end = first + 1;
            for (var maxMs = all[first].MaxMs; end < all.Length && all[end].MinMs <= maxMs; end++)
            {
                maxMs = Math.Max(maxMs, all[end].MaxMs);
            }
            Write(all[first..end]);
            first = end;
        }
        encoder.End();
        items.Clear();
        deleted.Clear();
        data.Clear();
    }

    private void Write(ReadOnlySpan<Item> overlapping)
    {
        var first = overlapping[0];
        if (overlapping.Length > 1 || IsTouched(first))
        {
            Merge(overlapping);
        }
        else if (!encodesAnew)
        {
            encoder.End();
            block.AddChunk(first.MinMs, first.MaxMs, first.Encoding, BytesOf(first));
        }
        else if (first.Encoding is ChunkEncoding.Xor)
        {
            var count = DecodeFloats(first);
            encoder.Add(timestampsMs.AsSpan(0, count), values.AsSpan(0, count));
        }
        else
        {
            var reader = new HistogramChunkReader(BytesOf(first), first.Encoding, inputs[first.Rank]);
            while (reader.MoveNext())
            {
                encoder.Add(reader.TimestampMs, reader.ToHistogram());
            }
        }
    }

    private bool IsTouched(Item item) =>
        deleted.Exists(delete =>
            delete.Rank == item.Rank && delete.Range.Overlaps(new TimeRange(item.MinMs, item.MaxMs))
        );

    /// <summary>Decodes all, brings them into order, and chooses at each time.</summary>
    private void Merge(ReadOnlySpan<Item> overlapping)
    {
        decoded.Clear();
        foreach (var item in overlapping)
        {
            Decode(item);
        }
        decoded.Sort();
        var all = CollectionsMarshal.AsSpan(decoded);
        for (var first = 0; first < all.Length; )
        {
            var chosen = all[first];
            var end = first + 1;
            for (; end < all.Length && all[end].TimestampMs == chosen.TimestampMs; end++)
            {
                chosen = Choose(chosen, all[end]);
            }
            if (chosen.Histogram is { } histogram)
            {
                encoder.Add(chosen.TimestampMs, histogram);
            }
            else
            {
                encoder.Add([chosen.TimestampMs], [chosen.Value]);
            }
            first = end;
        }
    }

    private Decoded Choose(Decoded one, Decoded other)
    {
        if (one.IsSame(other))
        {
            return one;
        }
        Conflicts++;
        if (rule is ConflictRule.LowerRank && one.Rank != other.Rank)
        {
            return one.Rank < other.Rank ? one : other;
        }
        return (one.Histogram, other.Histogram) switch
        {
            (null, null) => one with { Value = SampleRule.Choose(one.Value, other.Value) },
            ({ } left, { } right) => one with { Histogram = SampleRule.Choose(left, right) },
            (null, _) => other,
            _ => one,
        };
    }

    private void Decode(Item item)
    {
        if (item.Encoding is ChunkEncoding.Xor)
        {
            var count = DecodeFloats(item);
            for (var i = 0; i < count; i++)
            {
                Take(new Decoded(timestampsMs[i], item.Rank, values[i], null));
            }
            return;
        }
        var reader = new HistogramChunkReader(BytesOf(item), item.Encoding, inputs[item.Rank]);
        while (reader.MoveNext())
        {
            var value = reader.ToHistogram();
            // What a chunk says of the sample before does not hold any more when others come in between.
            value = value.Hint is CounterResetHint.Gauge ? value : value.With(CounterResetHint.Unknown);
            Take(new Decoded(reader.TimestampMs, item.Rank, StaleMarker.NormalNaN, value));
        }
    }

    private void Take(Decoded sample)
    {
        foreach (var (rank, range) in deleted)
        {
            if (rank == sample.Rank && range.Contains(sample.TimestampMs))
            {
                return;
            }
        }
        decoded.Add(sample);
    }

    private int DecodeFloats(Item item)
    {
        var bytes = BytesOf(item);
        var count = XorChunk.Count(bytes, inputs[item.Rank]);
        if (count > timestampsMs.Length)
        {
            timestampsMs = new long[count];
            values = new double[count];
        }
        return XorChunk.Decode(bytes, timestampsMs, values, inputs[item.Rank]);
    }

    private ReadOnlySpan<byte> BytesOf(Item item) => data.WrittenSpan.Slice(item.Start, item.Length);

    private readonly record struct Item(int Rank, long MinMs, long MaxMs, ChunkEncoding Encoding, int Start, int Length)
        : IComparable<Item>
    {
        public int CompareTo(Item other) =>
            MinMs != other.MinMs ? MinMs.CompareTo(other.MinMs) : Start.CompareTo(other.Start);
    }

    private readonly record struct Decoded(long TimestampMs, int Rank, double Value, Histogram? Histogram)
        : IComparable<Decoded>
    {
        public int CompareTo(Decoded other) =>
            TimestampMs != other.TimestampMs ? TimestampMs.CompareTo(other.TimestampMs) : Rank.CompareTo(other.Rank);

        public bool IsSame(Decoded other) =>
            Histogram is null
                ? other.Histogram is null && SampleRule.Same(Value, other.Value)
                : Histogram.Equals(other.Histogram);
    }
}

/// <summary>Which of two different samples of a series at one time counts.</summary>
internal enum ConflictRule
{
    /// <summary>As everywhere in the log, whoever wrote them.</summary>
    ByValue,

    /// <summary>That of the input with the lower rank: the block that was committed first.</summary>
    LowerRank,
}
