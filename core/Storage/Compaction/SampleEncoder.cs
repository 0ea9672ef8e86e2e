using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Compaction;

/// <summary>Encodes the samples of one series after the other, in time order, and hands the chunks to a block.</summary>
/// <remarks>A chunk has at most 480 samples, and none crosses a window. Its memory is used again for each series.</remarks>
internal sealed class SampleEncoder(BlockWriter block)
{
    /// <summary>So many samples wait until chunks are made of them: the more, the fewer that end early.</summary>
    private const int MaxWaiting = 8 * XorChunkBuilder.MaxSamples;

    private readonly XorChunkEncoder floats = new();
    private readonly HistogramChunkBuilder histograms = new();
    private readonly BitWriter output = new(2 * XorChunkBuilder.MaxBytes);
    private readonly long[] timestampsMs = new long[MaxWaiting];
    private readonly double[] values = new double[MaxWaiting];
    private int waiting;
    private long histogramsEndMs;

    /// <summary>Samples that were encoded anew.</summary>
    public long Encoded { get; private set; }

    /// <summary>Adds floats.</summary>
    public void Add(ReadOnlySpan<long> addedMs, ReadOnlySpan<double> added)
    {
        if (histograms.Count > 0)
        {
            EndHistograms();
        }
        while (addedMs.Length > 0)
        {
            if (waiting == MaxWaiting)
            {
                EncodeFloats(leave: XorChunkBuilder.MaxSamples);
            }
            var count = Math.Min(addedMs.Length, MaxWaiting - waiting);
            addedMs[..count].CopyTo(timestampsMs.AsSpan(waiting));
            added[..count].CopyTo(values.AsSpan(waiting));
            waiting += count;
            addedMs = addedMs[count..];
            added = added[count..];
        }
    }

    /// <summary>Adds a histogram.</summary>
    public void Add(long timestampMs, Histogram value)
    {
        EncodeFloats(leave: 0);
        if ((histograms.Count > 0 && timestampMs >= histogramsEndMs) || !histograms.TryAppend(timestampMs, value))
        {
            CutHistograms();
            histograms.TryAppend(timestampMs, value);
        }
        histogramsEndMs = Window.Of(histograms.MinMs).EndMs;
        Encoded++;
    }

    /// <summary>Ends the chunks: what comes next is encoded already, or another series.</summary>
    public void End()
    {
        EncodeFloats(leave: 0);
        EndHistograms();
    }

    private void EndHistograms()
    {
        CutHistograms();
        histograms.Forget();
    }

    private void CutHistograms()
    {
        if (histograms.Count > 0)
        {
            var (minMs, maxMs, encoding) = (histograms.MinMs, histograms.MaxMs, histograms.Encoding);
            block.AddChunk(minMs, maxMs, encoding, histograms.Cut());
        }
    }

    private void EncodeFloats(int leave)
    {
        var from = 0;
        while (waiting - from > leave)
        {
            var times = timestampsMs.AsSpan(from, waiting - from);
            var end = times.BinarySearch(Window.Of(times[0]).EndMs);
            times = times[..(end < 0 ? ~end : end)];
            output.Clear();
            var count = floats.Encode(times, values.AsSpan(from, times.Length), output);
            block.AddChunk(times[0], times[count - 1], ChunkEncoding.Xor, output.WrittenSpan);
            from += count;
        }
        Encoded += from;
        timestampsMs.AsSpan(from, waiting - from).CopyTo(timestampsMs);
        values.AsSpan(from, waiting - from).CopyTo(values);
        waiting -= from;
    }
}
