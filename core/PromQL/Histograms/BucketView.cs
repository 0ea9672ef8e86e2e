using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>The buckets of a histogram of floats, or of one in the making.</summary>
internal readonly ref struct BucketView
{
    private readonly ReadOnlySpan<double> counts;

    /// <summary>The buckets of a layout with their counts.</summary>
    public BucketView(HistogramLayout layout, ReadOnlySpan<double> counts, double zeroCount)
    {
        Layout = layout;
        this.counts = counts[..layout.BucketCount];
        ZeroCount = zeroCount;
    }

    /// <summary>Which buckets there are.</summary>
    public HistogramLayout Layout { get; }

    /// <summary>The count of the zero bucket.</summary>
    public double ZeroCount { get; }

    /// <summary>The counts of the positive, or custom, buckets.</summary>
    public ReadOnlySpan<double> Positive => counts[..Layout.PositiveCount];

    /// <summary>The counts of the negative buckets.</summary>
    public ReadOnlySpan<double> Negative => counts[Layout.PositiveCount..];

    /// <summary>The buckets of a histogram of floats.</summary>
    public static BucketView Of(Histogram value) => new(value.Layout, value.Floats, value.ZeroCount);
}
