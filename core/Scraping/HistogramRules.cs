using System.Globalization;
using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>What a job makes of native histograms: their resolution, their size, and whether they are valid.</summary>
/// <param name="bucketLimit">The most buckets; 0 is no limit.</param>
/// <param name="minBucketFactor">The least factor from bucket to bucket; 0 is any.</param>
internal sealed class HistogramRules(ulong bucketLimit, double minBucketFactor)
{
    /// <summary>The smallest factor of the finest schema.</summary>
    private const double FinestFactor = 1.00271;

    private readonly int maxSchema = SchemaOf(minBucketFactor);
    private readonly Dictionary<int, HistogramLayout> layouts = [];

    /// <summary>Why a body fails that has a histogram beyond the limit.</summary>
    public string LimitProblem =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"native_histogram_bucket_limit exceeded: a histogram has more than {bucketLimit} buckets in the coarsest schema"
        );

    /// <summary>The rules of a job; this object when they are the same.</summary>
    public HistogramRules For(HistogramConfig config) =>
        config.BucketLimit == bucketLimit && config.MinBucketFactor.Equals(minBucketFactor)
            ? this
            : new HistogramRules(config.BucketLimit, config.MinBucketFactor);

    /// <summary>Forgets the layouts of all series.</summary>
    public void Forget() => layouts.Clear();

    /// <summary>Reduces a histogram as the job says, checks it, and gives it the layout object of its series.</summary>
    /// <param name="series">The number of the series.</param>
    /// <param name="histogram">The histogram.</param>
    /// <returns>Null, or why the scrape fails.</returns>
    public string? TryApply(int series, ref Histogram histogram)
    {
        var schema = histogram.Layout.Schema;
        if (
            maxSchema < HistogramLayout.MaxSchema
            && schema > maxSchema
            && HistogramLayout.IsExponentialReserved(schema)
        )
        {
            histogram = histogram.Reduce(maxSchema);
        }
        while (IsTooLarge(histogram) && CanBeReduced(histogram.Layout.Schema))
        {
            histogram = histogram.Reduce(histogram.Layout.Schema - 1);
        }
        if (histogram.Check() is { } problem)
        {
            return $"not a valid native histogram: {problem}";
        }
        if (layouts.TryGetValue(series, out var layout))
        {
            histogram = histogram.Sharing(layout);
        }
        layouts[series] = histogram.Layout;
        return null;
    }

    /// <summary>Whether a histogram has more buckets than the job allows.</summary>
    public bool IsTooLarge(Histogram histogram) => bucketLimit > 0 && (ulong)histogram.Layout.BucketCount > bucketLimit;

    private static bool CanBeReduced(int schema) =>
        HistogramLayout.IsExponential(schema) && schema > HistogramLayout.MinSchema;

    /// <summary>The finest schema whose factor is not below the job's.</summary>
    private static int SchemaOf(double factor) =>
        (int)
            Math.Clamp(
                Math.Floor(-Math.Log2(Math.Log2(factor <= 1 ? FinestFactor : factor))),
                HistogramLayout.MinSchema,
                HistogramLayout.MaxSchema
            );
}
