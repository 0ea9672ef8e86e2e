using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.PromQL.Values;
using ChunkSamples = Tributary.Storage.Selection.SampleBuffer;

namespace Tributary.PromQL.Sources;

/// <summary>Columns of one series' decoded samples, which are used again for the next series.</summary>
/// <remarks>Times rise. Where there is a histogram, the float is NaN. One thread at a time.</remarks>
internal sealed class SampleBuffer
{
    private long[] startTimes = [];

    /// <summary>For how many samples its memory is counted.</summary>
    public int Counted { get; set; }

    /// <summary>How many samples there are.</summary>
    public int Count => Decoded.Count;

    /// <summary>Whether a sample is a histogram.</summary>
    public bool HasHistograms => Decoded.HasHistograms;

    /// <summary>Whether start timestamps are known.</summary>
    public bool HasStartTimes { get; private set; }

    /// <summary>Milliseconds since the epoch, rising.</summary>
    public Span<long> Times => Decoded.TimesMs;

    /// <summary>The floats.</summary>
    public Span<double> Values => Decoded.Values;

    /// <summary>The histograms, null where the sample is a float; empty when all are floats.</summary>
    public Span<Histogram?> Histograms => Decoded.Histograms;

    /// <summary>When counting began, 0 for unknown; empty when all are unknown.</summary>
    public Span<long> StartTimes => HasStartTimes ? startTimes.AsSpan(0, Count) : [];

    /// <summary>All samples; there must be no staleness markers any more.</summary>
    public SeriesSamples Samples => new(Times, Values, Histograms, StartTimes);

    /// <summary>What chunks are decoded into.</summary>
    public ChunkSamples Decoded { get; } = new();

    /// <summary>Whether a sample is a staleness marker.</summary>
    public bool IsStale(int index) =>
        HasHistograms && Histograms[index] is { } histogram ? histogram.IsStale : StaleMarker.IsStale(Values[index]);

    /// <summary>Takes staleness markers away.</summary>
    public void DropStale()
    {
        if (!HasHistograms && !MemoryMarshal.Cast<double, ulong>(Values).Contains(StaleMarker.Bits))
        {
            return;
        }
        var times = Times;
        var values = Values;
        var histograms = Histograms;
        var kept = 0;
        for (var i = 0; i < times.Length; i++)
        {
            if (IsStale(i))
            {
                continue;
            }
            (times[kept], values[kept]) = (times[i], values[i]);
            if (!histograms.IsEmpty)
            {
                histograms[kept] = histograms[i];
            }
            if (HasStartTimes)
            {
                startTimes[kept] = startTimes[i];
            }
            kept++;
        }
        Decoded.Truncate(kept);
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
        Decoded.Clear();
        HasStartTimes = false;
    }

    /// <summary>Adds a float.</summary>
    public void Add(long timestampMs, double value)
    {
        Decoded.Add(timestampMs, value);
        SetStart(0);
    }

    /// <summary>Adds a histogram.</summary>
    public void Add(long timestampMs, Histogram value)
    {
        Decoded.Add(timestampMs, value);
        SetStart(0);
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
            startTimes.AsSpan().Clear();
        }
        if (startTimes.Length < Count)
        {
            Array.Resize(ref startTimes, Math.Max(Count, startTimes.Length * 2));
        }
        startTimes[Count - 1] = startMs;
    }
}
