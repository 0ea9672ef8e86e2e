using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.PromQL.Values;

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

    /// <summary>All samples; there must be no staleness markers any more.</summary>
    public SeriesSamples Samples => new(Times, Values, Histograms, StartTimes);

    /// <summary>Whether a sample is a staleness marker.</summary>
    public bool IsStale(int index) =>
        HasHistograms && histograms[index] is { } histogram ? histogram.IsStale : StaleMarker.IsStale(values[index]);

    /// <summary>Takes staleness markers away.</summary>
    public void DropStale()
    {
        if (!HasHistograms && !MemoryMarshal.Cast<double, ulong>(Values).Contains(StaleMarker.Bits))
        {
            return;
        }
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (IsStale(i))
            {
                continue;
            }
            (times[kept], values[kept]) = (times[i], values[i]);
            if (HasHistograms)
            {
                histograms[kept] = histograms[i];
            }
            if (HasStartTimes)
            {
                startTimes[kept] = startTimes[i];
            }
            kept++;
        }
        if (HasHistograms)
        {
            histograms.AsSpan(kept, Count - kept).Clear();
        }
        Count = kept;
    }

    /// <summary>Adds the values of a column as samples at the moments of its steps.</summary>
    /// <remarks>
    /// Results of a subquery are not neighbours as samples of a series are: what histograms say of resets to the one
    /// before does not hold among them.
    /// </remarks>
    public void AddColumn(StepColumn column, StepGrid grid)
    {
        for (var i = 0; i < column.Count; i++)
        {
            if (column.HistogramAt(i) is { } histogram)
            {
                Add(
                    grid.At(i),
                    histogram.Hint is CounterResetHint.Gauge ? histogram : histogram.With(CounterResetHint.Unknown)
                );
            }
            else if (!Absent.Is(column.Values[i]))
            {
                Add(grid.At(i), column.Values[i]);
            }
        }
    }

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
