using Tributary.Model;

namespace Tributary.PromQL.Sources;

/// <summary>Columns of one series' decoded samples, which are used again for the next series.</summary>
/// <remarks>Times rise. Where there is a histogram, the float is NaN. One thread at a time.</remarks>
internal sealed class SampleBuffer
{
    private const int FirstCapacity = 512;

    private long[] times = new long[FirstCapacity];
    private double[] values = new double[FirstCapacity];
    private Histogram?[] histograms = [];
    private long[] startTimes = [];

    /// <summary>How many samples there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a sample is a histogram.</summary>
    public bool HasHistograms { get; private set; }

    /// <summary>Whether start timestamps are known.</summary>
    public bool HasStartTimes { get; private set; }

    /// <summary>Milliseconds since the epoch, rising.</summary>
    public Span<long> Times => times.AsSpan(0, Count);

    /// <summary>The floats.</summary>
    public Span<double> Values => values.AsSpan(0, Count);

    /// <summary>The histograms, null where the sample is a float; empty when all are floats.</summary>
    public Span<Histogram?> Histograms => HasHistograms ? histograms.AsSpan(0, Count) : [];

    /// <summary>When counting began, 0 for unknown; empty when all are unknown.</summary>
    public Span<long> StartTimes => HasStartTimes ? startTimes.AsSpan(0, Count) : [];

    /// <summary>Forgets all samples.</summary>
    public void Clear()
    {
        if (HasHistograms)
        {
            Histograms.Clear();
        }
        (Count, HasHistograms, HasStartTimes) = (0, false, false);
    }

    /// <summary>Room for floats behind the last sample, for decoders that write columns; <see cref="Commit"/> takes them in.</summary>
    public (Memory<long> Times, Memory<double> Values) Reserve(int count)
    {
        Grow(checked(Count + count));
        return (times.AsMemory(Count, count), values.AsMemory(Count, count));
    }

    /// <summary>Takes in floats that a decoder wrote to the reserved room.</summary>
    public void Commit(int count)
    {
        if (HasHistograms)
        {
            histograms.AsSpan(Count, count).Clear();
        }
        if (HasStartTimes)
        {
            startTimes.AsSpan(Count, count).Clear();
        }
        Count += count;
    }

    /// <summary>Adds a float.</summary>
    public void Add(long timestampMs, double value)
    {
        Grow(Count + 1);
        (times[Count], values[Count]) = (timestampMs, value);
        Commit(1);
    }

    /// <summary>Adds a histogram.</summary>
    public void Add(long timestampMs, Histogram value)
    {
        Grow(Count + 1);
        if (!HasHistograms)
        {
            HasHistograms = true;
            histograms = Fit(histograms);
            Histograms.Clear();
        }
        (times[Count], values[Count]) = (timestampMs, double.NaN);
        Commit(1);
        histograms[Count - 1] = value;
    }

    /// <summary>Says when counting of the last sample began.</summary>
    public void SetStart(long startMs)
    {
        if (!HasStartTimes)
        {
            if (startMs == 0)
            {
                return;
            }
            HasStartTimes = true;
            startTimes = Fit(startTimes);
            StartTimes.Clear();
        }
        startTimes[Count - 1] = startMs;
    }

    private void Grow(int count)
    {
        if (count <= times.Length)
        {
            return;
        }
        var capacity = Math.Max(count, times.Length * 2);
        Array.Resize(ref times, capacity);
        Array.Resize(ref values, capacity);
        if (HasHistograms)
        {
            histograms = Fit(histograms);
        }
        if (HasStartTimes)
        {
            startTimes = Fit(startTimes);
        }
    }

    private T[] Fit<T>(T[] array)
    {
        if (array.Length < times.Length)
        {
            Array.Resize(ref array, times.Length);
        }
        return array;
    }
}
