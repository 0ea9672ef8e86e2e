using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Head;

/// <summary>The recent native histograms of one series: finished chunks, one that grows, and a few that came late.</summary>
/// <remarks>Not safe for several threads; the head's lock guards it. Chunks end at window boundaries.</remarks>
internal sealed class HeadHistograms
{
    private const int MaxLate = 32;

    private readonly HistogramChunkBuilder growing = new();
    private readonly SortedList<long, Histogram> late = [];
    private List<Chunk> finished = [];
    private long growingEndMs;
    private long newestMs = long.MinValue;

    /// <summary>Chunks, the growing one included.</summary>
    public int ChunkCount => finished.Count + (growing.Count > 0 ? 1 : 0);

    /// <summary>Bytes of the chunks.</summary>
    public long ChunkBytes => finished.Sum(chunk => (long)chunk.Bytes.Length) + growing.ByteCount;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => ChunkCount == 0 && late.Count == 0;

    /// <summary>The time of the first one; <see cref="long.MaxValue"/> without any.</summary>
    public long OldestMs
    {
        get
        {
            var oldestMs = growing.Count > 0 ? growing.MinMs : long.MaxValue;
            oldestMs = late.Count > 0 ? Math.Min(oldestMs, late.Keys[0]) : oldestMs;
            return finished.Count > 0 ? Math.Min(oldestMs, finished.Min(chunk => chunk.MinMs)) : oldestMs;
        }
    }

    /// <summary>Adds a histogram.</summary>
    public void Append(long timestampMs, Histogram value)
    {
        if (timestampMs > newestMs)
        {
            Grow(timestampMs, value);
            newestMs = timestampMs;
            return;
        }
        late[timestampMs] = late.TryGetValue(timestampMs, out var known) ? SampleRule.Choose(known, value) : value;
        if (late.Count >= MaxLate)
        {
            Rebuild(ReadAll());
        }
    }

    /// <summary>Takes older histograms, decoded apart.</summary>
    public void Prepend(HeadHistograms older)
    {
        var all = older.ReadAll();
        all.AddRange(ReadAll());
        SortAndMerge(all);
        Rebuild(all);
    }

    /// <summary>The histograms of a range, in time order, one a timestamp.</summary>
    public void Read(TimeRange range, List<HistogramSample> samples)
    {
        samples.Clear();
        foreach (var chunk in finished)
        {
            if (range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
            {
                Read(chunk.Bytes, chunk.Encoding, range, samples);
            }
        }
        if (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        {
            Read(growing.Bytes, growing.Encoding, range, samples);
        }
        var sorted = samples.Count;
        foreach (var (timestampMs, value) in late)
        {
            if (range.Contains(timestampMs))
            {
                samples.Add(new HistogramSample(timestampMs, value));
            }
        }
        if (samples.Count > sorted)
        {
            SortAndMerge(samples);
        }
    }

    /// <summary>The chunks that touch a range, the growing one as a copy, late histograms as chunks of their own.</summary>
    public void Share(TimeRange range, List<ChunkData> chunks)
    {
        foreach (var chunk in finished)
        {
            if (range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
            {
                chunks.Add(new ChunkData(chunk.Encoding, chunk.MinMs, chunk.MaxMs, CountOf(chunk.Bytes), chunk.Bytes));
            }
        }
        if (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        {
            var bytes = growing.Bytes.ToArray();
            chunks.Add(new ChunkData(growing.Encoding, growing.MinMs, growing.MaxMs, growing.Count, bytes));
        }
        if (late.Keys.Any(range.Contains))
        {
            SampleChunks.Encode(late.Select(pair => new HistogramSample(pair.Key, pair.Value)), chunks);
        }
    }

    /// <summary>Whether a chunk or a late histogram touches a range.</summary>
    public bool Overlaps(TimeRange range) =>
        (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        || finished.Exists(chunk => range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
        || late.Keys.Any(range.Contains);

    /// <summary>Drops the histograms of windows before a time.</summary>
    public void Forget(long beforeMs)
    {
        finished.RemoveAll(chunk => chunk.MaxMs < beforeMs);
        while (late.Count > 0 && late.Keys[0] < beforeMs)
        {
            late.RemoveAt(0);
        }
        if (growing.Count > 0 && growing.MaxMs < beforeMs)
        {
            growing.Forget();
        }
    }

    private static int CountOf(ReadOnlySpan<byte> chunk) => (chunk[0] << 8) | chunk[1];

    private List<HistogramSample> ReadAll()
    {
        var all = new List<HistogramSample>();
        Read(new TimeRange(long.MinValue, long.MaxValue), all);
        return all;
    }

    private void Rebuild(List<HistogramSample> samples)
    {
        finished = [];
        late.Clear();
        growing.Forget();
        newestMs = long.MinValue;
        foreach (var (timestampMs, value) in samples)
        {
            Grow(timestampMs, value);
            newestMs = timestampMs;
        }
    }

    private void Grow(long timestampMs, Histogram value)
    {
        if ((growing.Count > 0 && timestampMs >= growingEndMs) || !growing.TryAppend(timestampMs, value))
        {
            finished.Add(new Chunk(growing.MinMs, growing.MaxMs, growing.Encoding, []) { Bytes = growing.Cut() });
            growing.TryAppend(timestampMs, value);
        }
        growingEndMs = Window.Of(growing.MinMs).EndMs;
    }

    private static void Read(
        ReadOnlySpan<byte> chunk,
        ChunkEncoding encoding,
        TimeRange range,
        List<HistogramSample> samples
    )
    {
        var reader = new HistogramChunkReader(chunk, encoding, "head");
        while (reader.MoveNext())
        {
            if (range.Contains(reader.TimestampMs))
            {
                samples.Add(new HistogramSample(reader.TimestampMs, reader.ToHistogram()));
            }
        }
    }

    /// <summary>Orders by time; of several at one, one stays.</summary>
    private static void SortAndMerge(List<HistogramSample> samples)
    {
        var merged = new SortedList<long, Histogram>(samples.Count);
        foreach (var (timestampMs, value) in samples)
        {
            merged[timestampMs] = merged.TryGetValue(timestampMs, out var known)
                ? SampleRule.Choose(known, value)
                : value;
        }
        samples.Clear();
        samples.AddRange(merged.Select(pair => new HistogramSample(pair.Key, pair.Value)));
    }

    private sealed record Chunk(long MinMs, long MaxMs, ChunkEncoding Encoding, byte[] Bytes);
}
