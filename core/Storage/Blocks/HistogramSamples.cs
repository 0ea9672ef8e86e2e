using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Blocks;

/// <summary>Chunks of native histograms → samples.</summary>
internal static class HistogramSamples
{
    /// <summary>Adds the samples of a chunk that lie in a range and were not deleted.</summary>
    /// <exception cref="CorruptDataException">The chunk is damaged, or of an unknown encoding.</exception>
    public static void Append(
        EncodedChunk chunk,
        TimeRange range,
        IReadOnlyList<TimeRange> deleted,
        List<HistogramSample> samples
    )
    {
        if (!chunk.IsHistogram)
        {
            throw chunk.Corrupt(-1, $"chunk encoding {chunk.Encoding} is not known");
        }
        try
        {
            var reader = new HistogramChunkReader(chunk.Data, chunk.Encoding, chunk.File);
            while (reader.MoveNext() && reader.TimestampMs <= range.MaxMs)
            {
                if (range.Contains(reader.TimestampMs) && !Tombstones.IsDeleted(deleted, reader.TimestampMs))
                {
                    samples.Add(new HistogramSample(reader.TimestampMs, reader.ToHistogram()));
                }
            }
        }
        catch (CorruptDataException e)
        {
            throw new CorruptDataException(
                chunk.File,
                chunk.OffsetBytes + e.OffsetBytes,
                "the chunk cannot be decoded",
                e
            );
        }
    }
}
