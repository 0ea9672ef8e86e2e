using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>Samples → chunks in memory.</summary>
internal static class SampleChunks
{
    /// <summary>Encodes floats, which are in time order, one a timestamp.</summary>
    public static void Encode(IReadOnlyList<Sample> samples, List<ChunkData> chunks)
    {
        var builder = new XorChunkBuilder();
        foreach (var (timestampMs, value) in samples)
        {
            if (builder.IsFull)
            {
                chunks.Add(Cut(ref builder));
            }
            builder.Append(timestampMs, value);
        }
        if (builder.Count > 0)
        {
            chunks.Add(Cut(ref builder));
        }
    }

    /// <summary>Encodes histograms, which are in time order, one a timestamp.</summary>
    public static void Encode(IEnumerable<HistogramSample> samples, List<ChunkData> chunks)
    {
        var builder = new HistogramChunkBuilder();
        foreach (var (timestampMs, value) in samples)
        {
            if (!builder.TryAppend(timestampMs, value))
            {
                chunks.Add(Cut(builder));
                builder.TryAppend(timestampMs, value);
            }
        }
        if (builder.Count > 0)
        {
            chunks.Add(Cut(builder));
        }
    }

    private static ChunkData Cut(ref XorChunkBuilder builder)
    {
        var chunk = new ChunkData(ChunkEncoding.Xor, builder.MinMs, builder.MaxMs, builder.Count, default);
        return chunk with { Bytes = builder.Cut() };
    }

    private static ChunkData Cut(HistogramChunkBuilder builder)
    {
        var chunk = new ChunkData(builder.Encoding, builder.MinMs, builder.MaxMs, builder.Count, default);
        return chunk with { Bytes = builder.Cut() };
    }
}
