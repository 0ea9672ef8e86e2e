using System.Buffers;
using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>Chunks of floats → samples.</summary>
internal static class FloatSamples
{
    /// <summary>Adds the samples of a chunk that lie in a range and were not deleted.</summary>
    public static void Append(
        EncodedChunk chunk,
        TimeRange range,
        IReadOnlyList<TimeRange> deleted,
        List<Sample> samples
    )
    {
        var count = chunk.SampleCount;
        var timestamps = ArrayPool<long>.Shared.Rent(count);
        var values = ArrayPool<double>.Shared.Rent(count);
        try
        {
            chunk.DecodeFloats(timestamps, values);
            for (var i = 0; i < count; i++)
            {
                if (range.Contains(timestamps[i]) && !Tombstones.IsDeleted(deleted, timestamps[i]))
                {
                    samples.Add(new Sample(timestamps[i], values[i]));
                }
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(timestamps);
            ArrayPool<double>.Shared.Return(values);
        }
    }
}
