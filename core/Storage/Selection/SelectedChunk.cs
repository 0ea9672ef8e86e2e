using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Selection;

/// <summary>Where chunks come from.</summary>
/// <param name="Rank">Of several samples at one time that of the lowest rank counts.</param>
/// <param name="Name">The name for errors.</param>
/// <param name="Range">The time for which it counts.</param>
internal sealed record ChunkOrigin(int Rank, string Name, TimeRange Range);

/// <summary>A chunk of a selected series.</summary>
/// <param name="Data">The chunk.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Deleted">Ranges whose samples do not count, ordered and apart.</param>
/// <param name="OffsetBytes">Where in the origin it lies, for errors.</param>
internal readonly record struct SelectedChunk(
    ChunkData Data,
    ChunkOrigin Origin,
    IReadOnlyList<TimeRange> Deleted,
    long OffsetBytes
)
{
    /// <summary>About how many samples of a range it has; never fewer than there are, but for uneven distances.</summary>
    public long EstimateSamples(TimeRange range)
    {
        var (from, to) = (Math.Max(range.MinMs, Data.MinMs), Math.Min(range.MaxMs, Data.MaxMs));
        var length = Data.MaxMs - Data.MinMs;
        return from > to ? 0
            : to - from >= length ? Data.Count
            : Math.Min(Data.Count, (long)(Data.Count * ((double)(to - from) / length)) + 1);
    }

    /// <summary>Decodes the samples of a range behind those that are in a buffer.</summary>
    /// <exception cref="CorruptDataException">The chunk is damaged.</exception>
    public void Append(SampleBuffer buffer, TimeRange range)
    {
        var clip = new TimeRange(Math.Max(range.MinMs, Origin.Range.MinMs), Math.Min(range.MaxMs, Origin.Range.MaxMs));
        if (!clip.Overlaps(Data.Range) || clip.MinMs > clip.MaxMs)
        {
            return;
        }
        try
        {
            if (Data.IsFloat)
            {
                AppendFloats(buffer, clip);
            }
            else
            {
                AppendHistograms(buffer, clip);
            }
        }
        catch (CorruptDataException e)
        {
            throw new CorruptDataException(Origin.Name, OffsetBytes + e.OffsetBytes, "the chunk cannot be decoded", e);
        }
    }

    private void AppendFloats(SampleBuffer buffer, TimeRange clip)
    {
        if (Data.Count == 0)
        {
            return;
        }
        var free = buffer.Free(Data.Count);
        var times = free.TimesMs;
        var values = free.Values;
        XorChunk.Decode(Data.Bytes.Span, Data.Count, times, values, Origin.Name);
        var (first, end) = (0, Data.Count);
        if (times[0] < clip.MinMs || times[end - 1] > clip.MaxMs)
        {
            first = FirstFrom(times[..end], clip.MinMs);
            end = clip.MaxMs == long.MaxValue ? end : FirstFrom(times[..end], clip.MaxMs + 1);
        }
        if (Deleted.Count == 0)
        {
            buffer.Take(first, end - first);
            return;
        }
        var kept = 0;
        for (var i = first; i < end; i++)
        {
            if (!Tombstones.IsDeleted(Deleted, times[i]))
            {
                (times[kept], values[kept]) = (times[i], values[i]);
                kept++;
            }
        }
        buffer.Take(0, kept);
    }

    private void AppendHistograms(SampleBuffer buffer, TimeRange clip)
    {
        var reader = new HistogramChunkReader(Data.Bytes.Span, Data.Encoding, Origin.Name, buffer.LastLayout);
        var follows = true;
        while (reader.MoveNext() && reader.TimestampMs <= clip.MaxMs)
        {
            if (reader.TimestampMs < clip.MinMs)
            {
                continue;
            }
            if (Deleted.Count > 0 && Tombstones.IsDeleted(Deleted, reader.TimestampMs))
            {
                follows = false;
                continue;
            }
            var histogram = reader.ToHistogram();
            // What is known of a reset is known of the one before, which is deleted.
            buffer.Add(reader.TimestampMs, follows ? histogram : histogram.Unhinted());
            follows = true;
        }
    }

    private static int FirstFrom(ReadOnlySpan<long> times, long fromMs)
    {
        var (low, high) = (0, times.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = times[middle] < fromMs ? (middle + 1, high) : (low, middle - 1);
        }
        return low;
    }
}
