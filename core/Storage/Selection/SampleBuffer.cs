using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>The samples of one series by column, in time order; used again for the next series, so that nothing is allocated.</summary>
/// <remarks>The columns may be written to. For one thread at a time.</remarks>
internal sealed class SampleBuffer
{
    private const int FirstCapacity = 1024;

    private long[] times = new long[FirstCapacity];
    private double[] values = new double[FirstCapacity];
    private Histogram?[] histograms = [];
    private long histogramBytes;

    /// <summary>What a histogram takes beside its buckets.</summary>
    private const int HistogramBytes = 96;

    /// <summary>The most memory for histograms: of few bytes of a chunk very many buckets may come.</summary>
    public long MaxHistogramBytes { get; set; } = long.MaxValue;

    /// <summary>How many samples there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is a native histogram among them.</summary>
    public bool HasHistograms { get; private set; }

    /// <summary>Milliseconds since the epoch, ascending.</summary>
    public Span<long> TimesMs => times.AsSpan(0, Count);

    /// <summary>Floats, bit for bit, staleness markers included; NaN where there is a histogram.</summary>
    public Span<double> Values => values.AsSpan(0, Count);

    /// <summary>Histograms, null where there is a float; empty when there is none.</summary>
    public Span<Histogram?> Histograms => HasHistograms ? histograms.AsSpan(0, Count) : [];

    /// <summary>The layout of the last histogram, which the next chunk may share.</summary>
    internal HistogramLayout? LastLayout { get; private set; }

    /// <summary>Forgets all samples.</summary>
    public void Clear()
    {
        if (HasHistograms)
        {
            histograms.AsSpan(0, Count).Clear();
        }
        Count = 0;
        histogramBytes = 0;
        HasHistograms = false;
        LastLayout = null;
    }

    /// <summary>Keeps the first samples only.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        if (HasHistograms)
        {
            histograms.AsSpan(count, Count - count).Clear();
        }
        Count = count;
    }

    /// <summary>Room for floats behind the last sample, for <see cref="Take"/>.</summary>
    internal FreeColumns Free(int count)
    {
        Reserve(count);
        return new FreeColumns(times.AsSpan(Count, count), values.AsSpan(Count, count));
    }

    /// <summary>Makes some of the floats in the free room the next samples.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    internal void Take(int first, int count)
    {
        if (first > 0)
        {
            times.AsSpan(Count + first, count).CopyTo(times.AsSpan(Count));
            values.AsSpan(Count + first, count).CopyTo(values.AsSpan(Count));
        }
        Count += count;
    }

    /// <summary>Adds a histogram.</summary>
    /// <exception cref="SelectionLimitException">There are too many buckets together.</exception>
    internal void Add(long timestampMs, Histogram histogram)
    {
        histogramBytes += HistogramBytes + ((long)histogram.Layout.BucketCount * sizeof(long));
        if (histogramBytes > MaxHistogramBytes)
        {
            throw new SelectionLimitException(
                "the histograms of one series need more memory than the query has left: ask for less time"
            );
        }
        Reserve(1);
        HasHistograms = true;
        if (histograms.Length < times.Length)
        {
            Array.Resize(ref histograms, times.Length);
        }
        (times[Count], values[Count], histograms[Count]) = (timestampMs, StaleMarker.NormalNaN, histogram);
        LastLayout = histogram.Layout;
        Count++;
    }

    /// <summary>Adds a float.</summary>
    internal void Add(long timestampMs, double value)
    {
        Reserve(1);
        (times[Count], values[Count]) = (timestampMs, value);
        Count++;
    }

    private void Reserve(int count)
    {
        if (times.Length - Count >= count)
        {
            return;
        }
        var capacity = Math.Max(Count + count, times.Length * 2);
        Array.Resize(ref times, capacity);
        Array.Resize(ref values, capacity);
        if (HasHistograms)
        {
            Array.Resize(ref histograms, capacity);
        }
    }

    /// <summary>Columns to write to.</summary>
    internal readonly ref struct FreeColumns(Span<long> timesMs, Span<double> values)
    {
        public readonly Span<long> TimesMs = timesMs;
        public readonly Span<double> Values = values;
    }
}
