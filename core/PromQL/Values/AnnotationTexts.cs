using System.Globalization;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Values;

/// <summary>The wording of annotations, as upstream's, without the level in front and the place behind.</summary>
internal static class AnnotationTexts
{
    /// <summary>Info: custom buckets were reconciled while adding.</summary>
    public const string MismatchedBucketsInAddition = MismatchedBuckets + "addition";

    /// <summary>Info: custom buckets were reconciled while subtracting.</summary>
    public const string MismatchedBucketsInSubtraction = MismatchedBuckets + "subtraction";

    /// <summary>Info: custom buckets were reconciled while aggregating.</summary>
    public const string MismatchedBucketsInAggregation = MismatchedBuckets + "aggregation";

    /// <summary>Warning: a histogram after a reset was added to one without.</summary>
    public const string ResetCollisionInAddition = ResetCollision + "addition";

    /// <summary>Warning: as <see cref="ResetCollisionInAddition"/>, of a subtraction.</summary>
    public const string ResetCollisionInSubtraction = ResetCollision + "subtraction";

    /// <summary>Warning: as <see cref="ResetCollisionInAddition"/>, of an aggregation.</summary>
    public const string ResetCollisionInAggregation = ResetCollision + "aggregation";

    /// <summary>Warning: an aggregation met both floats and histograms.</summary>
    public const string MixedFloatsHistogramsInAggregation =
        "encountered a mix of histograms and floats for aggregation";

    /// <summary>Warning: sorting a range query.</summary>
    public const string SortInRangeQuery =
        "sort is ineffective for range queries since results are always ordered by labels";

    private const string MismatchedBuckets = "mismatched custom buckets were reconciled during ";
    private const string ResetCollision = "conflicting counter resets during histogram ";

    /// <summary>Warning: a quantile outside [0, 1].</summary>
    public static string InvalidQuantile(double quantile) =>
        $"quantile value should be between 0 and 1, got {Number(quantile)}";

    /// <summary>Warning: a ratio outside [−1, 1].</summary>
    public static string InvalidRatio(double ratio, double used) =>
        $"ratio value should be between -1 and 1, got {Number(ratio)}, capping to {Number(used)}";

    /// <summary>Warning: the label <c>le</c> is no number.</summary>
    public static string BadBucketLabel(string metricName, string label) =>
        WithName($"bucket label \"le\" is missing or has a malformed value of {Quoting.Quote(label)}", metricName);

    /// <summary>Warning: a range has both floats and histograms.</summary>
    public static string MixedFloatsHistograms(string metricName) =>
        $"encountered a mix of histograms and floats for metric name {Quoting.Quote(metricName)}";

    /// <summary>Warning: classic buckets and a native histogram with the same labels.</summary>
    public static string MixedClassicNative(string metricName) =>
        WithName("vector contains a mix of classic and native histograms", metricName);

    /// <summary>Warning: a gauge histogram where a counter is wanted.</summary>
    public static string NativeHistogramNotCounter(string metricName) =>
        $"this native histogram metric is not a counter: {Quoting.Quote(metricName)}";

    /// <summary>Warning: a counter histogram where a gauge is wanted.</summary>
    public static string NativeHistogramNotGauge(string metricName) =>
        $"this native histogram metric is not a gauge: {Quoting.Quote(metricName)}";

    /// <summary>Warning: exponential and custom buckets together.</summary>
    public static string MixedExponentialCustom(string metricName) =>
        "vector contains a mix of histograms with exponential and custom buckets schemas for metric name "
        + Quoting.Quote(metricName);

    /// <summary>Info: a rate of what its name does not call a counter.</summary>
    public static string PossibleNonCounter(string metricName) =>
        $"metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {Quoting.Quote(metricName)}";

    /// <summary>Info: a rate of what its label <c>__type__</c> does not call a counter.</summary>
    public static string PossibleNonCounterLabel(string metricName, string type) =>
        "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got "
        + $"{Quoting.Quote(type)}: {Quoting.Quote(metricName)}";

    /// <summary>Info: classic buckets were not monotonic.</summary>
    public static string ForcedMonotonicity(string metricName) =>
        WithName(
            "input to histogram_quantile needed to be fixed for monotonicity "
                + "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)",
            metricName
        );

    /// <summary>Info: an operator does not take these types.</summary>
    /// <param name="left"><c>float</c> or <c>histogram</c>.</param>
    /// <param name="symbol">The operator.</param>
    /// <param name="right">As <paramref name="left"/>.</param>
    public static string IncompatibleTypes(string left, string symbol, string right) =>
        $"incompatible sample types encountered for binary operator {Quoting.Quote(symbol)}: {left} {symbol} {right}";

    /// <summary>Warning: an operator met exponential and custom buckets.</summary>
    public static string IncompatibleBucketLayout(string symbol) =>
        $"incompatible bucket layout encountered for binary operator {symbol}";

    /// <summary>Info: an aggregation left out a histogram.</summary>
    public static string HistogramIgnoredInAggregation(string aggregation) =>
        $"ignored histogram in {aggregation} aggregation";

    /// <summary>Info: a function over a range left out its histograms.</summary>
    public static string HistogramIgnoredInMixedRange(string metricName) =>
        "ignored histograms in a range containing both floats and histograms for metric name "
        + Quoting.Quote(metricName);

    /// <summary>Info: the quantile lies among observations of NaN.</summary>
    public static string QuantileIsNaN(string metricName) =>
        WithName("input to histogram_quantile has NaN observations, result is NaN", metricName);

    /// <summary>Info: observations of NaN move the quantile.</summary>
    public static string QuantileIsSkewed(string metricName) =>
        WithName("input to histogram_quantile has NaN observations, result is skewed higher", metricName);

    /// <summary>Info: observations of NaN are in no fraction.</summary>
    public static string FractionWithoutNaN(string metricName) =>
        WithName("input to histogram_fraction has NaN observations, which are excluded from all fractions", metricName);

    /// <summary>Warning: a start time before the sample before.</summary>
    public static string StartTimeOverlap(string metricName) =>
        $"sample has start time that overlaps with previous sample timestamp for metric {Quoting.Quote(metricName)}";

    /// <summary>A number as Go's <c>%g</c> writes it.</summary>
    public static string Number(double value) => GoFloat.Shortest(value);

    /// <summary>A number as Go's <c>%.2g</c> writes it.</summary>
    public static string TwoDigits(double value)
    {
        if (!double.IsFinite(value) || value == 0)
        {
            return Number(value);
        }
        // Two digits as a number: its shortest form has no more of them, so only the exponent is left to be chosen.
        var rounded = value.ToString("E1", CultureInfo.InvariantCulture);
        var exponent = int.Parse(rounded.AsSpan(rounded.IndexOf('E') + 1), CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < 2)
        {
            return Number(double.Parse(rounded, CultureInfo.InvariantCulture));
        }
        var mantissa = rounded[..rounded.IndexOf('E')].Replace(".0", "", StringComparison.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}"
        );
    }

    private static string WithName(string text, string metricName) =>
        metricName.Length == 0 ? text : $"{text} for metric name {Quoting.Quote(metricName)}";
}
