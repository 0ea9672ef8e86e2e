using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>The samples of requests that go into the log together, by column; used again and again.</summary>
internal sealed class ReceivedSamples
{
    private const int FirstSize = 1024;

    /// <summary>So much room is kept for the next requests.</summary>
    private const int KeptSize = 64 * 1024;

    private LabelSet[] series = new LabelSet[FirstSize];
    private long[] timestampsMs = new long[FirstSize];
    private double[] values = new double[FirstSize];
    private Histogram?[] histograms = [];
    private bool hasHistograms;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a float.</summary>
    public void Add(LabelSet labels, long timestampMs, double value)
    {
        if (Count == series.Length)
        {
            Grow();
        }
        series[Count] = labels;
        timestampsMs[Count] = timestampMs;
        values[Count++] = value;
    }

    /// <summary>Adds a native histogram.</summary>
    public void Add(LabelSet labels, long timestampMs, Histogram histogram)
    {
        Add(labels, timestampMs, StaleMarker.NormalNaN);
        if (histograms.Length < series.Length)
        {
            Array.Resize(ref histograms, series.Length);
        }
        histograms[Count - 1] = histogram;
        hasHistograms = true;
    }

    /// <summary>Forgets what came behind a place.</summary>
    public void Truncate(int count)
    {
        series.AsSpan(count, Count - count).Clear();
        if (hasHistograms)
        {
            histograms.AsSpan(count).Clear();
        }
        Count = count;
    }

    /// <summary>All of them; valid until the next change.</summary>
    public SampleColumns Columns() =>
        new(new SeriesList(series[..Count]), timestampsMs.AsMemory(0, Count), values.AsMemory(0, Count))
        {
            Histograms = hasHistograms ? histograms.AsMemory(0, Count) : default,
        };

    /// <summary>Forgets all, and gives much room back.</summary>
    public void Clear()
    {
        Truncate(0);
        hasHistograms = false;
        if (series.Length > KeptSize)
        {
            series = new LabelSet[KeptSize];
            timestampsMs = new long[KeptSize];
            values = new double[KeptSize];
            histograms = [];
        }
    }

    private void Grow()
    {
        var size = 2 * series.Length;
        Array.Resize(ref series, size);
        Array.Resize(ref timestampsMs, size);
        Array.Resize(ref values, size);
        if (hasHistograms)
        {
            Array.Resize(ref histograms, size);
        }
    }
}
