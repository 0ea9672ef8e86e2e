namespace Tributary.Storage.Chunks;

/// <summary>How the samples of a chunk are encoded, by upstream's numbers.</summary>
internal enum ChunkEncoding : byte
{
    /// <summary>Floats: <see cref="XorChunk"/>.</summary>
    Xor = 1,

    /// <summary>Histograms of integers: <see cref="HistogramChunkReader"/>.</summary>
    Histogram = 2,

    /// <summary>Histograms of floats: <see cref="HistogramChunkReader"/>.</summary>
    FloatHistogram = 3,
}
