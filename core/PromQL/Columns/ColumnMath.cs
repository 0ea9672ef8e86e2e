using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>What is done with columns as a whole.</summary>
internal static class ColumnMath
{
    /// <summary>So many are counted with every histogram.</summary>
    private const int UsualBuckets = 16;

    /// <summary>How many floats and histograms a column has.</summary>
    public static (int Floats, int Histograms) CountValues(StepColumn column)
    {
        var bits = MemoryMarshal.Cast<double, ulong>(column.Values);
        var floats = bits.Length - bits.Count(StaleMarker.Bits);
        return (floats, column.Histograms is { } histograms ? CountHistograms(histograms) : 0);
    }

    /// <summary>How many are not null.</summary>
    public static int CountHistograms(ReadOnlySpan<Histogram?> histograms)
    {
        var count = 0;
        foreach (var histogram in histograms)
        {
            count += histogram is null ? 0 : 1;
        }
        return count;
    }

    /// <summary>What the buckets of a column's histograms take beyond the usual; one that stands at several steps counts once.</summary>
    public static long HistogramBytes(StepColumn column)
    {
        long bytes = 0;
        if (column.Histograms is { } histograms)
        {
            Histogram? last = null;
            foreach (var histogram in histograms)
            {
                if (histogram is not null && !ReferenceEquals(histogram, last))
                {
                    bytes += Math.Max(0, histogram.Layout.BucketCount - UsualBuckets) * (long)sizeof(long);
                    last = histogram;
                }
            }
        }
        return bytes;
    }

    /// <summary>Copies all values to another column.</summary>
    public static void Copy(StepColumn source, StepColumn target)
    {
        source.Values.AsSpan().CopyTo(target.Values);
        if (source.Histograms is { } histograms)
        {
            for (var i = 0; i < histograms.Length; i++)
            {
                if (histograms[i] is { } histogram)
                {
                    target.Set(i, histogram);
                }
            }
        }
    }

    /// <summary>Marks the steps at which a column has a value.</summary>
    public static void MarkPresent(StepColumn column, Span<bool> present)
    {
        var values = column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            present[i] |= !Absent.Is(values[i]);
        }
        if (column.Histograms is { } histograms)
        {
            for (var i = 0; i < histograms.Length; i++)
            {
                present[i] |= histograms[i] is not null;
            }
        }
    }

    /// <summary>Takes values away.</summary>
    /// <param name="column">From here.</param>
    /// <param name="present">Steps of which kind.</param>
    /// <param name="kind">Whether steps go that are marked, or those that are not.</param>
    public static void RemoveWhere(StepColumn column, ReadOnlySpan<bool> present, bool kind)
    {
        for (var i = 0; i < column.Count; i++)
        {
            if (present[i] == kind)
            {
                column.Remove(i);
            }
        }
    }
}
