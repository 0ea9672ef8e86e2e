using Tributary.Model;
using Tributary.Storage.Head;

namespace Tributary.Storage.Selection;

/// <summary>Decodes chunks that overlap each other.</summary>
/// <remarks>
/// Of samples at one time that of the earliest place counts; inside a place (several log files, or what came late to the
/// head) a histogram before a float, and then what <see cref="SampleRule"/> says.
/// </remarks>
internal static class OverlapMerge
{
    /// <summary>Decodes the samples of a range behind those that are in a buffer.</summary>
    /// <exception cref="Tributary.Binary.CorruptDataException">A chunk is damaged.</exception>
    public static void Append(ReadOnlySpan<SelectedChunk> chunks, SampleBuffer buffer, TimeRange range)
    {
        var all = new List<Entry>();
        var scratch = new SampleBuffer();
        foreach (var chunk in chunks)
        {
            scratch.Clear();
            chunk.Append(scratch, range);
            for (var i = 0; i < scratch.Count; i++)
            {
                var histogram = scratch.HasHistograms ? scratch.Histograms[i] : null;
                all.Add(new Entry(scratch.TimesMs[i], chunk.Origin.Rank, scratch.Values[i], histogram));
            }
        }
        all.Sort(ByTime);
        for (var i = 0; i < all.Count; )
        {
            var chosen = all[i];
            for (i++; i < all.Count && all[i].TimestampMs == chosen.TimestampMs; i++)
            {
                chosen = Choose(chosen, all[i]);
            }
            if (chosen.Histogram is { } histogram)
            {
                // What a chunk says of the sample before does not hold any more when others come in between.
                buffer.Add(chosen.TimestampMs, histogram.Unhinted());
            }
            else
            {
                buffer.Add(chosen.TimestampMs, chosen.Value);
            }
        }
    }

    private static readonly Comparison<Entry> ByTime = (one, other) =>
        one.TimestampMs != other.TimestampMs
            ? one.TimestampMs.CompareTo(other.TimestampMs)
            : one.Rank.CompareTo(other.Rank);

    private static Entry Choose(Entry one, Entry other) =>
        one.Rank != other.Rank ? one
        : one.Histogram is null && other.Histogram is null
            ? one with
            {
                Value = SampleRule.Choose(one.Value, other.Value),
            }
        : one.Histogram is null ? other
        : other.Histogram is null ? one
        : one with { Histogram = SampleRule.Choose(one.Histogram, other.Histogram) };

    private readonly record struct Entry(long TimestampMs, int Rank, double Value, Histogram? Histogram);
}
