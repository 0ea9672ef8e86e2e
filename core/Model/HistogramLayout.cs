using System.Runtime.InteropServices;

namespace Tributary.Model;

/// <summary>Which buckets a native histogram has. Never changes, and successive samples of a series share it.</summary>
/// <remarks>
/// Samples with the same layout object hold their counts at the same positions: coding, comparing and adding them looks at
/// counts alone. See <see href="https://prometheus.io/docs/specs/native_histograms/"/>.
/// </remarks>
public sealed class HistogramLayout : IEquatable<HistogramLayout>
{
    /// <summary>The coarsest exponential schema that is stored.</summary>
    public const int MinSchema = -4;

    /// <summary>The finest exponential schema that is stored.</summary>
    public const int MaxSchema = 8;

    /// <summary>The schema of histograms with bounds of their own.</summary>
    public const int CustomSchema = -53;

    /// <summary>The most buckets of one histogram; upstream's sources are advised to stay below 160.</summary>
    public const int MaxBuckets = 1 << 16;

    private const int MinKnownSchema = -9;
    private const int MaxKnownSchema = 52;

    /// <summary>The layout without buckets, of schema 0.</summary>
    public static readonly HistogramLayout Empty = new(0, 0, [], [], []);

    private readonly BucketSpan[] positive;
    private readonly BucketSpan[] negative;
    private readonly double[] customValues;
    private int[]? positiveIndexes;
    private int[]? negativeIndexes;

    /// <summary>A layout; the arrays are taken over.</summary>
    /// <param name="schema">The resolution: −4 to 8, or <see cref="CustomSchema"/>.</param>
    /// <param name="zeroThreshold">The breadth of the zero bucket.</param>
    /// <param name="positive">The buckets of positive observations, or the custom ones.</param>
    /// <param name="negative">The buckets of negative observations.</param>
    /// <param name="customValues">The upper bounds of custom buckets, without the infinite one.</param>
    /// <exception cref="TooManyBucketsException">There are more than <see cref="MaxBuckets"/>, or a length is negative.</exception>
    public HistogramLayout(
        int schema,
        double zeroThreshold,
        BucketSpan[] positive,
        BucketSpan[] negative,
        double[] customValues
    )
    {
        (Schema, ZeroThreshold) = (schema, zeroThreshold);
        (this.positive, this.negative, this.customValues) = (positive, negative, customValues);
        PositiveCount = CountOf(positive);
        NegativeCount = CountOf(negative);
        if (PositiveCount < 0 || NegativeCount < 0 || BucketCount > MaxBuckets)
        {
            throw new TooManyBucketsException(
                $"a histogram would have more than {MaxBuckets} buckets, or a span of negative length"
            );
        }
    }

    /// <summary>The resolution: each power of two has 2^schema buckets; <see cref="CustomSchema"/> for custom bounds.</summary>
    public int Schema { get; }

    /// <summary>Observations of at most this absolute value are in the zero bucket.</summary>
    public double ZeroThreshold { get; }

    /// <summary>Whether the bounds are <see cref="CustomValues"/>.</summary>
    public bool IsCustom => Schema == CustomSchema;

    /// <summary>How many buckets there are.</summary>
    public int BucketCount => PositiveCount + NegativeCount;

    /// <summary>How many of them are positive: the first ones.</summary>
    public int PositiveCount { get; }

    /// <summary>How many of them are negative: those behind the positive ones.</summary>
    public int NegativeCount { get; }

    /// <summary>The positive buckets.</summary>
    public ReadOnlySpan<BucketSpan> PositiveSpans => positive;

    /// <summary>The negative buckets.</summary>
    public ReadOnlySpan<BucketSpan> NegativeSpans => negative;

    /// <summary>The upper bounds of custom buckets.</summary>
    public ReadOnlySpan<double> CustomValues => customValues;

    /// <summary>The indexes of the positive buckets, rising.</summary>
    public ReadOnlySpan<int> PositiveIndexes => positiveIndexes ??= IndexesOf(positive, PositiveCount);

    /// <summary>The indexes of the negative buckets, rising.</summary>
    public ReadOnlySpan<int> NegativeIndexes => negativeIndexes ??= IndexesOf(negative, NegativeCount);

    /// <summary>Whether a schema is exponential and stored as it is.</summary>
    public static bool IsExponential(int schema) => schema is >= MinSchema and <= MaxSchema;

    /// <summary>Whether a schema is exponential and may be stored after <see cref="Histogram.Reduce"/>.</summary>
    public static bool IsExponentialReserved(int schema) => schema is >= MinKnownSchema and <= MaxKnownSchema;

    /// <summary>A layout of the buckets with these indexes, which rise.</summary>
    public static HistogramLayout OfIndexes(
        int schema,
        double zeroThreshold,
        ReadOnlySpan<int> positive,
        ReadOnlySpan<int> negative,
        double[] customValues
    ) => new(schema, zeroThreshold, SpansOf(positive), SpansOf(negative), customValues);

    /// <summary>The same bounds with other buckets.</summary>
    internal HistogramLayout WithIndexes(ReadOnlySpan<int> newPositive, ReadOnlySpan<int> newNegative) =>
        OfIndexes(Schema, ZeroThreshold, newPositive, newNegative, customValues);

    /// <summary>Whether buckets of the same index mean the same: schema, zero threshold and custom bounds, bit for bit.</summary>
    public bool HasSameBounds(HistogramLayout other) =>
        ReferenceEquals(this, other)
        || (
            Schema == other.Schema
            && BitConverter.DoubleToInt64Bits(ZeroThreshold) == BitConverter.DoubleToInt64Bits(other.ZeroThreshold)
            && MemoryMarshal
                .Cast<double, long>(CustomValues)
                .SequenceEqual(MemoryMarshal.Cast<double, long>(other.CustomValues))
        );

    /// <summary>Whether both have the same buckets with the same bounds, however their spans say so.</summary>
    public bool Equals(HistogramLayout? other) =>
        ReferenceEquals(this, other)
        || (
            other is not null
            && PositiveCount == other.PositiveCount
            && NegativeCount == other.NegativeCount
            && HasSameBounds(other)
            && HaveSameBuckets(positive, other.positive, PositiveIndexes, other.PositiveIndexes)
            && HaveSameBuckets(negative, other.negative, NegativeIndexes, other.NegativeIndexes)
        );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as HistogramLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Schema, ZeroThreshold, PositiveCount, NegativeCount);

    /// <summary>What is wrong with the layout by upstream's rules for stored histograms; null when nothing is.</summary>
    internal string? Check() =>
        IsCustom ? CheckCustom()
        : IsExponential(Schema)
            ? CheckSpans("positive", positive, 1)
                ?? CheckSpans("negative", negative, 1)
                ?? (customValues.Length > 0 ? "an exponential schema must not have custom bounds" : null)
        : $"the schema {Schema} is not between {MinSchema} and {MaxSchema}, and not {CustomSchema} (custom buckets)";

    private string? CheckCustom()
    {
        if (ZeroThreshold != 0)
        {
            return "custom buckets: the zero threshold must be 0";
        }
        if (negative.Length > 0)
        {
            return "custom buckets: there must be no negative ones";
        }
        for (var i = 0; i < customValues.Length; i++)
        {
            if (double.IsNaN(customValues[i]) || double.IsPositiveInfinity(customValues[i]))
            {
                return "custom buckets: a bound is NaN or +Inf";
            }
            if (i > 0 && customValues[i] <= customValues[i - 1])
            {
                return "custom buckets: the bounds do not rise";
            }
        }
        if (CheckSpans("custom", positive, 0) is { } problem)
        {
            return problem;
        }
        var indexes = PositiveIndexes;
        return indexes.Length > 0 && indexes[^1] > customValues.Length
            ? $"custom buckets: {customValues.Length} bounds are too few for a bucket of index {indexes[^1]}"
            : null;
    }

    private static string? CheckSpans(string side, ReadOnlySpan<BucketSpan> spans, int firstSigned)
    {
        var end = 0L;
        for (var i = 0; i < spans.Length; i++)
        {
            if (i >= firstSigned && spans[i].Offset < 0)
            {
                return $"{side} buckets: span {i + 1} has the negative offset {spans[i].Offset}";
            }
            end += (long)spans[i].Offset + spans[i].Length;
        }
        return end > int.MaxValue ? $"{side} buckets: their indexes reach beyond {int.MaxValue}" : null;
    }

    private static bool HaveSameBuckets(
        ReadOnlySpan<BucketSpan> one,
        ReadOnlySpan<BucketSpan> other,
        ReadOnlySpan<int> indexes,
        ReadOnlySpan<int> otherIndexes
    ) => one.SequenceEqual(other) || indexes.SequenceEqual(otherIndexes);

    private static int CountOf(ReadOnlySpan<BucketSpan> spans)
    {
        var count = 0L;
        foreach (var span in spans)
        {
            count = span.Length < 0 ? long.MinValue / 2 : count + span.Length;
        }
        return count is < 0 or > MaxBuckets ? -1 : (int)count;
    }

    private static int[] IndexesOf(ReadOnlySpan<BucketSpan> spans, int count)
    {
        var indexes = new int[count];
        var index = 0;
        var next = 0;
        foreach (var span in spans)
        {
            index = unchecked(index + span.Offset);
            for (var i = 0; i < span.Length; i++)
            {
                indexes[next++] = index;
                index = unchecked(index + 1);
            }
        }
        return indexes;
    }

    private static BucketSpan[] SpansOf(ReadOnlySpan<int> indexes)
    {
        var spans = new List<BucketSpan>();
        var end = 0;
        foreach (var index in indexes)
        {
            if (spans.Count > 0 && index == end)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new BucketSpan(index - end, 1));
            }
            end = index + 1;
        }
        return [.. spans];
    }
}
