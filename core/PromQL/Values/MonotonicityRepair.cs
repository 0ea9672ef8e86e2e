using System.Globalization;

namespace Tributary.PromQL.Values;

/// <summary>How the buckets of classic histograms were made monotonic.</summary>
/// <param name="MinTimeMs">The first step where that was done.</param>
/// <param name="MaxTimeMs">The last one.</param>
/// <param name="MinBucket">The upper bound of the lowest bucket that was lifted.</param>
/// <param name="MaxBucket">The upper bound of the highest.</param>
/// <param name="MaxDifference">By how much at most.</param>
internal readonly record struct MonotonicityRepair(
    long MinTimeMs,
    long MaxTimeMs,
    double MinBucket,
    double MaxBucket,
    double MaxDifference
)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Both as one.</summary>
    public MonotonicityRepair Merge(in MonotonicityRepair other) =>
        new(
            Math.Min(MinTimeMs, other.MinTimeMs),
            Math.Max(MaxTimeMs, other.MaxTimeMs),
            Math.Min(MinBucket, other.MinBucket),
            Math.Max(MaxBucket, other.MaxBucket),
            Math.Max(MaxDifference, other.MaxDifference)
        );

    /// <summary>The end of the annotation's text.</summary>
    /// <param name="samples">How many were repaired.</param>
    public string Text(int samples) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $", from buckets {AnnotationTexts.Number(MinBucket)} to {AnnotationTexts.Number(MaxBucket)}, with a max diff of {AnnotationTexts.TwoDigits(MaxDifference)}, over {samples} samples from {Time(MinTimeMs)} to {Time(MaxTimeMs)}"
        );

    private static string Time(long timeMs) =>
        // Beyond the calendar of .NET the nearest day it has has to do.
        DateTimeOffset
            .FromUnixTimeMilliseconds(
                Math.Clamp(
                    timeMs,
                    DateTimeOffset.MinValue.ToUnixTimeMilliseconds(),
                    DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                )
            )
            .ToString(TimeFormat, CultureInfo.InvariantCulture);
}
