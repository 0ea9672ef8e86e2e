using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Head;

/// <summary>The recent samples of one series: finished chunks, one that grows, and a few that came late.</summary>
/// <remarks>Not safe for several threads; the head's lock guards it. Chunks end at window boundaries.</remarks>
internal sealed class HeadSeries(LabelSet labels)
{
    private const int MaxLate = 128;

    private XorChunkBuilder growing;
    private long growingEndMs;
    private HeadChunk[] finished = [];
    private List<Sample>? late;
    private HeadHistograms? histograms;

    public LabelSet Labels { get; } = labels;

    /// <summary>Its position in the head; postings refer to it.</summary>
    public int Id { get; set; }

    /// <summary>The time of the newest sample, markers included; <see cref="long.MinValue"/> without any.</summary>
    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>The value at <see cref="NewestMs"/>.</summary>
    public double NewestValue { get; private set; }

    /// <summary>The histogram at <see cref="NewestMs"/>; null when the sample there is a float.</summary>
    public Histogram? NewestHistogram { get; private set; }

    /// <summary>Chunks, the growing one included.</summary>
    public int ChunkCount => finished.Length + (growing.Count > 0 ? 1 : 0) + (histograms?.ChunkCount ?? 0);

    /// <summary>Bytes of the chunks.</summary>
    public long ChunkBytes =>
        finished.Sum(chunk => (long)chunk.Bytes.Length) + growing.ByteCount + (histograms?.ChunkBytes ?? 0);

    /// <summary>Adds a sample.</summary>
    /// <returns>What became of it.</returns>
    public AppendResult Append(long timestampMs, double value)
    {
        if (timestampMs > NewestMs)
        {
            Grow(timestampMs, value);
            NewestMs = timestampMs;
            NewestValue = value;
            NewestHistogram = null;
            return AppendResult.Added;
        }
        if (timestampMs == NewestMs)
        {
            if (NewestHistogram is not null)
            {
                // A histogram counts before a float at its time, and before a marker.
                AddLate(new Sample(timestampMs, value));
                return AppendResult.Conflict;
            }
            if (SampleRule.Same(value, NewestValue))
            {
                return AppendResult.Known;
            }
            NewestValue = SampleRule.Choose(value, NewestValue);
            AddLate(new Sample(timestampMs, value));
            return AppendResult.Conflict;
        }
        AddLate(new Sample(timestampMs, value));
        return AppendResult.Late;
    }

    /// <summary>Adds a histogram.</summary>
    /// <returns>What became of it.</returns>
    public AppendResult Append(long timestampMs, Histogram value)
    {
        if (timestampMs == NewestMs && value.Equals(NewestHistogram))
        {
            return AppendResult.Known;
        }
        histograms ??= new HeadHistograms();
        histograms.Append(timestampMs, value);
        if (timestampMs < NewestMs)
        {
            return AppendResult.Late;
        }
        var isConflict = timestampMs == NewestMs;
        NewestHistogram = isConflict && NewestHistogram is { } known ? SampleRule.Choose(known, value) : value;
        NewestMs = timestampMs;
        NewestValue = StaleMarker.NormalNaN;
        return isConflict ? AppendResult.Conflict : AppendResult.Added;
    }

    /// <summary>The histograms, for a head that takes the series over; null when there are none.</summary>
    public HeadHistograms? Histograms => histograms;

    /// <summary>Takes older histograms, decoded apart.</summary>
    public void Prepend(HeadHistograms older)
    {
        histograms ??= new HeadHistograms();
        histograms.Prepend(older);
        var newest = new List<HistogramSample>();
        histograms.Read(new TimeRange(NewestMs, long.MaxValue), newest);
        if (newest.Count > 0)
        {
            (NewestMs, NewestHistogram) = (newest[^1].TimestampMs, newest[^1].Value);
            NewestValue = StaleMarker.NormalNaN;
        }
    }

    /// <summary>All chunks, the growing one ended; the series is not to be appended to any more.</summary>
    public IReadOnlyList<HeadChunk> Finished()
    {
        if (late is not null)
        {
            MergeLate();
        }
        if (growing.Count > 0)
        {
            Finish();
        }
        return finished;
    }

    /// <summary>Takes chunks of older samples, decoded apart.</summary>
    public void Prepend(IReadOnlyList<HeadChunk> older)
    {
        finished = [.. older, .. finished];
        foreach (var chunk in older)
        {
            if (chunk.MaxMs >= NewestMs)
            {
                var samples = new List<Sample>();
                Read(chunk.Bytes, new TimeRange(chunk.MaxMs, chunk.MaxMs), samples);
                var value = samples[^1].Value;
                if (chunk.MaxMs > NewestMs)
                {
                    (NewestValue, NewestHistogram) = (value, null);
                }
                else if (NewestHistogram is null)
                {
                    NewestValue = SampleRule.Choose(value, NewestValue);
                }
                NewestMs = chunk.MaxMs;
            }
        }
    }

    /// <summary>The samples of a range, in time order, one a timestamp.</summary>
    public void Read(TimeRange range, List<Sample> samples)
    {
        samples.Clear();
        foreach (var chunk in finished)
        {
            if (range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
            {
                Read(chunk.Bytes, range, samples);
            }
        }
        if (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        {
            Read(growing.Bytes, range, samples);
        }
        if (late is not null)
        {
            samples.AddRange(late.Where(sample => range.Contains(sample.TimestampMs)));
        }
        SortAndMerge(samples);
    }

    /// <summary>The chunks that touch a range, late samples as chunks of their own; nothing that is appended changes them.</summary>
    public void Share(TimeRange range, List<ChunkData> chunks)
    {
        foreach (var chunk in finished)
        {
            if (range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
            {
                chunks.Add(chunk.Data);
            }
        }
        if (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        {
            chunks.Add(growing.Share());
        }
        if (late?.Exists(sample => range.Contains(sample.TimestampMs)) == true)
        {
            SampleChunks.Encode(late, chunks);
        }
        histograms?.Share(range, chunks);
    }

    /// <summary>Whether a chunk or a late sample touches a range.</summary>
    public bool Overlaps(TimeRange range) => NewestMs >= range.MinMs && HasChunk(range);

    private bool HasChunk(TimeRange range) =>
        (growing.Count > 0 && range.Overlaps(new TimeRange(growing.MinMs, growing.MaxMs)))
        || Array.Exists(finished, chunk => range.Overlaps(new TimeRange(chunk.MinMs, chunk.MaxMs)))
        || late?.Exists(sample => range.Contains(sample.TimestampMs)) == true
        || histograms?.Overlaps(range) == true;

    /// <summary>The time of the first sample; <see cref="long.MaxValue"/> without any.</summary>
    public long OldestMs
    {
        get
        {
            var oldestMs = growing.Count > 0 ? growing.MinMs : long.MaxValue;
            foreach (var chunk in finished)
            {
                oldestMs = Math.Min(oldestMs, chunk.MinMs);
            }
            oldestMs = late is { Count: > 0 } ? Math.Min(oldestMs, late[0].TimestampMs) : oldestMs;
            return Math.Min(oldestMs, histograms?.OldestMs ?? long.MaxValue);
        }
    }

    /// <summary>The histograms of a range, in time order, one a timestamp; floats at their times do not count.</summary>
    public IReadOnlyList<HistogramSample> ReadHistograms(TimeRange range)
    {
        if (histograms is null)
        {
            return [];
        }
        var samples = new List<HistogramSample>();
        histograms.Read(range, samples);
        return samples;
    }

    /// <summary>The newest sample of a range; markers are samples.</summary>
    public bool TryNewest(TimeRange range, List<Sample> scratch, out LatestSample newest)
    {
        newest = new LatestSample(Labels, NewestMs, NewestValue) { Histogram = NewestHistogram };
        if (NewestMs <= range.MaxMs)
        {
            return NewestMs >= range.MinMs;
        }
        Read(range, scratch);
        var found = ReadHistograms(range);
        if (found.Count > 0 && (scratch.Count == 0 || found[^1].TimestampMs >= scratch[^1].TimestampMs))
        {
            newest = new LatestSample(Labels, found[^1].TimestampMs, StaleMarker.NormalNaN)
            {
                Histogram = found[^1].Value,
            };
            return true;
        }
        if (scratch.Count == 0)
        {
            return false;
        }
        newest = new LatestSample(Labels, scratch[^1].TimestampMs, scratch[^1].Value);
        return true;
    }

    /// <summary>Drops the samples of windows before a time. False: nothing is left.</summary>
    public bool Forget(long beforeMs)
    {
        // Chunks that were prepended may lie behind others.
        if (Array.Exists(finished, chunk => chunk.MaxMs < beforeMs))
        {
            finished = [.. finished.Where(chunk => chunk.MaxMs >= beforeMs)];
        }
        late?.RemoveAll(sample => sample.TimestampMs < beforeMs);
        if (growing.Count > 0 && growing.MaxMs < beforeMs)
        {
            growing = default;
        }
        histograms?.Forget(beforeMs);
        return finished.Length > 0 || growing.Count > 0 || late is { Count: > 0 } || histograms is { IsEmpty: false };
    }

    private void AddLate(Sample sample)
    {
        late ??= [];
        var at = late.BinarySearch(sample, ByTime);
        if (at >= 0)
        {
            late[at] = new Sample(sample.TimestampMs, SampleRule.Choose(late[at].Value, sample.Value));
            return;
        }
        late.Insert(~at, sample);
        if (late.Count >= MaxLate)
        {
            MergeLate();
        }
    }

    /// <summary>Encodes everything anew, with the late samples in their places.</summary>
    private void MergeLate()
    {
        var samples = new List<Sample>();
        Read(new TimeRange(long.MinValue, long.MaxValue), samples);
        finished = [];
        growing = default;
        late = null;
        foreach (var sample in samples)
        {
            Grow(sample.TimestampMs, sample.Value);
        }
    }

    private void Grow(long timestampMs, double value)
    {
        if (growing.Count == 0)
        {
            growingEndMs = Window.Of(timestampMs).EndMs;
        }
        else if (growing.IsFull || timestampMs >= growingEndMs)
        {
            Finish();
            growingEndMs = Window.Of(timestampMs).EndMs;
        }
        growing.Append(timestampMs, value);
    }

    private void Finish()
    {
        var chunk = new HeadChunk(growing.MinMs, growing.MaxMs, []);
        finished = [.. finished, chunk with { Bytes = growing.Cut() }];
    }

    private static void Read(ReadOnlySpan<byte> chunk, TimeRange range, List<Sample> samples)
    {
        Span<long> timestamps = stackalloc long[XorChunkBuilder.MaxSamples];
        Span<double> values = stackalloc double[XorChunkBuilder.MaxSamples];
        var count = XorChunk.Decode(chunk, timestamps, values, "head");
        for (var i = 0; i < count; i++)
        {
            if (range.Contains(timestamps[i]))
            {
                samples.Add(new Sample(timestamps[i], values[i]));
            }
        }
    }

    private static void SortAndMerge(List<Sample> samples)
    {
        var sorted = true;
        for (var i = 1; i < samples.Count && sorted; i++)
        {
            sorted = samples[i - 1].TimestampMs < samples[i].TimestampMs;
        }
        if (sorted)
        {
            return;
        }
        samples.Sort(ByTime);
        var kept = 0;
        for (var i = 1; i < samples.Count; i++)
        {
            if (samples[kept].TimestampMs == samples[i].TimestampMs)
            {
                var value = SampleRule.Choose(samples[kept].Value, samples[i].Value);
                samples[kept] = new Sample(samples[i].TimestampMs, value);
            }
            else
            {
                samples[++kept] = samples[i];
            }
        }
        samples.RemoveRange(kept + 1, samples.Count - kept - 1);
    }

    private static readonly Comparer<Sample> ByTime = Comparer<Sample>.Create(
        (a, b) => a.TimestampMs.CompareTo(b.TimestampMs)
    );
}
