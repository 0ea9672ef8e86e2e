using System.Globalization;
using Tributary.PromQL.Sources;

namespace Tributary.PromQL.Columns;

/// <summary>What a query holds in memory, against what it may. Safe for several threads.</summary>
/// <param name="maxSamples">The most samples.</param>
/// <param name="maxBytes">The most bytes.</param>
/// <param name="all">What all queries together hold; null when nobody counts.</param>
internal sealed class QueryBudget(long maxSamples, long maxBytes, SharedMemory? all = null)
{
    /// <summary>The object of a series: labels' reference, column, array headers.</summary>
    private const long SeriesBytes = 112;

    /// <summary>A histogram counts as so many samples.</summary>
    private const int HistogramSamples = 16;

    private long samples;
    private long bytes;
    private long peakSamples;

    /// <summary>The most samples there were at once.</summary>
    public long PeakSamples => Interlocked.Read(ref peakSamples);

    /// <summary>The bytes that are left.</summary>
    public long BytesLeft => Math.Max(0, maxBytes - Interlocked.Read(ref bytes));

    /// <summary>Counts bytes that come into use.</summary>
    /// <exception cref="QueryException">They are too many, together with those before.</exception>
    public void TakeBytes(long count)
    {
        all?.Take(count);
        if (Interlocked.Add(ref bytes, count) > maxBytes)
        {
            throw QueryException.Execution(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the query needs more than {maxBytes} bytes of memory: ask for fewer series, less time, or larger steps"
                )
            );
        }
    }

    /// <summary>Counts a column that comes into use.</summary>
    /// <param name="steps">How long it is.</param>
    /// <param name="floats">How many floats there are in it.</param>
    /// <param name="histograms">How many histograms.</param>
    /// <param name="histogramBytes">What their buckets take beyond the usual.</param>
    /// <exception cref="QueryException">There are too many samples or bytes.</exception>
    public void TakeColumn(int steps, int floats, int histograms, long histogramBytes = 0)
    {
        TakeBytes(BytesOf(steps, histograms) + histogramBytes);
        var now = Interlocked.Add(ref samples, SamplesOf(floats, histograms));
        InterlockedMax(now);
        if (now > maxSamples)
        {
            throw QueryException.TooManySamples();
        }
    }

    /// <summary>Counts bytes that went out of use.</summary>
    public void ReleaseBytes(long count)
    {
        Interlocked.Add(ref bytes, -count);
        all?.Release(count);
    }

    /// <summary>The query is over: nothing of it is in use any more.</summary>
    public void ReleaseAll() => all?.Release(Interlocked.Exchange(ref bytes, 0));

    /// <summary>Counts a column that went out of use.</summary>
    public void ReleaseColumn(int steps, int floats, int histograms, long histogramBytes = 0)
    {
        ReleaseBytes(BytesOf(steps, histograms) + histogramBytes);
        Interlocked.Add(ref samples, -SamplesOf(floats, histograms));
    }

    private static long SamplesOf(int floats, int histograms) => floats + ((long)histograms * HistogramSamples);

    private static long BytesOf(int steps, int histograms) =>
        SeriesBytes
        + ((long)steps * sizeof(double))
        + (histograms == 0 ? 0 : ((long)steps * sizeof(long)) + (histograms * (long)HistogramSamples * sizeof(double)));

    private void InterlockedMax(long now)
    {
        var before = Interlocked.Read(ref peakSamples);
        while (now > before)
        {
            var seen = Interlocked.CompareExchange(ref peakSamples, now, before);
            if (seen == before)
            {
                return;
            }
            before = seen;
        }
    }
}
