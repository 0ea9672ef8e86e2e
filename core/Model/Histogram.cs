using System.Runtime.InteropServices;

namespace Tributary.Model;

/// <summary>A native histogram: the value of one sample, in its integer or its float form. Never changes.</summary>
/// <remarks>
/// Buckets hold absolute counts, the positive ones first, then the negative ones, each by rising index. Arrays are taken
/// over by the factories and never written to again, so storage hands values around without copies. Arithmetic is to work
/// on arrays of its own over a <see cref="Layout"/>, reading <see cref="Floats"/>, and to make one value at its end:
/// a sum over a thousand series is then a thousand additions of arrays, and no object.
/// </remarks>
public sealed class Histogram : IEquatable<Histogram>
{
    /// <summary>The staleness marker as a histogram.</summary>
    public static readonly Histogram Stale = OfIntegers(HistogramLayout.Empty, 0, 0, StaleMarker.Value, []);

    private readonly long[] buckets;

    private Histogram(
        HistogramLayout layout,
        bool isFloat,
        (long Count, long ZeroCount) totals,
        double sum,
        long[] buckets,
        CounterResetHint hint
    )
    {
        if (buckets.Length != layout.BucketCount)
        {
            throw new ArgumentException($"{buckets.Length} counts for {layout.BucketCount} buckets", nameof(buckets));
        }
        (Layout, IsFloat, Sum, Hint) = (layout, isFloat, sum, hint);
        (CountBits, ZeroCountBits) = totals;
        this.buckets = buckets;
    }

    /// <summary>Which buckets there are.</summary>
    public HistogramLayout Layout { get; }

    /// <summary>Whether counts are floats.</summary>
    public bool IsFloat { get; }

    /// <summary>The sum of all observations; the staleness marker makes the histogram one.</summary>
    public double Sum { get; }

    /// <summary>What is known of a reset before it.</summary>
    public CounterResetHint Hint { get; }

    /// <summary>How many observations there are.</summary>
    public double Count => FloatOf(CountBits);

    /// <summary>How many observations are in the zero bucket.</summary>
    public double ZeroCount => FloatOf(ZeroCountBits);

    /// <summary>Whether it is the staleness marker.</summary>
    public bool IsStale => StaleMarker.IsStale(Sum);

    /// <summary>The counts of the integer form.</summary>
    /// <exception cref="InvalidOperationException">It is of the float form.</exception>
    public ReadOnlySpan<long> Integers =>
        IsFloat ? throw new InvalidOperationException("a float histogram has no integer counts") : buckets;

    /// <summary>The counts of the float form.</summary>
    /// <exception cref="InvalidOperationException">It is of the integer form.</exception>
    public ReadOnlySpan<double> Floats =>
        IsFloat
            ? MemoryMarshal.Cast<long, double>(buckets)
            : throw new InvalidOperationException("an integer histogram has no float counts");

    /// <summary>The count of observations: the integer, or the bits of the float.</summary>
    internal long CountBits { get; }

    /// <summary>The count of the zero bucket: the integer, or the bits of the float.</summary>
    internal long ZeroCountBits { get; }

    /// <summary>The counts of the buckets: integers, or the bits of floats.</summary>
    internal ReadOnlySpan<long> BucketBits => buckets;

    /// <summary>A histogram of integers.</summary>
    /// <param name="layout">Which buckets there are.</param>
    /// <param name="count">All observations.</param>
    /// <param name="zeroCount">Those of the zero bucket.</param>
    /// <param name="sum">Their sum.</param>
    /// <param name="buckets">The count of each bucket; taken over.</param>
    /// <param name="hint">What is known of a reset.</param>
    public static Histogram OfIntegers(
        HistogramLayout layout,
        ulong count,
        ulong zeroCount,
        double sum,
        long[] buckets,
        CounterResetHint hint = CounterResetHint.Unknown
    ) => new(layout, false, ((long)count, (long)zeroCount), sum, buckets, hint);

    /// <summary>A histogram of floats; the counts are copied.</summary>
    /// <inheritdoc cref="OfIntegers"/>
    public static Histogram OfFloats(
        HistogramLayout layout,
        double count,
        double zeroCount,
        double sum,
        ReadOnlySpan<double> buckets,
        CounterResetHint hint = CounterResetHint.Unknown
    ) =>
        new(
            layout,
            true,
            (BitConverter.DoubleToInt64Bits(count), BitConverter.DoubleToInt64Bits(zeroCount)),
            sum,
            MemoryMarshal.Cast<double, long>(buckets).ToArray(),
            hint
        );

    /// <summary>A histogram of either form; counts are integers, or the bits of floats.</summary>
    internal static Histogram OfBits(
        HistogramLayout layout,
        bool isFloat,
        (long Count, long ZeroCount) totals,
        double sum,
        long[] buckets,
        CounterResetHint hint
    ) => new(layout, isFloat, totals, sum, buckets, hint);

    /// <summary>The count of the bucket at a position of the layout.</summary>
    public double BucketAt(int position) => FloatOf(buckets[position]);

    /// <summary>The same value with another hint.</summary>
    public Histogram With(CounterResetHint hint) =>
        hint == Hint ? this : new(Layout, IsFloat, (CountBits, ZeroCountBits), Sum, buckets, hint);

    /// <summary>The same value behind an unknown one: nothing is known of a reset, unless there are none anyway.</summary>
    internal Histogram Unhinted() => IsStale || Hint is CounterResetHint.Gauge ? this : With(CounterResetHint.Unknown);

    /// <summary>The same value over an equal layout, so that it is one object for both.</summary>
    public Histogram Sharing(HistogramLayout layout) =>
        ReferenceEquals(layout, Layout) || !Layout.Equals(layout)
            ? this
            : new(layout, IsFloat, (CountBits, ZeroCountBits), Sum, buckets, Hint);

    /// <summary>The same with further buckets, which are empty.</summary>
    /// <param name="wider">Has all buckets of <see cref="Layout"/>, and the same bounds.</param>
    internal Histogram Over(HistogramLayout wider)
    {
        if (ReferenceEquals(wider, Layout))
        {
            return this;
        }
        var counts = new long[wider.BucketCount];
        Spread(Layout.PositiveIndexes, buckets, wider.PositiveIndexes, counts);
        Spread(
            Layout.NegativeIndexes,
            buckets.AsSpan(Layout.PositiveCount),
            wider.NegativeIndexes,
            counts.AsSpan(wider.PositiveCount)
        );
        return new(wider, IsFloat, (CountBits, ZeroCountBits), Sum, counts, Hint);
    }

    /// <summary>The same in the float form.</summary>
    public Histogram ToFloat()
    {
        if (IsFloat)
        {
            return this;
        }
        var floats = new long[buckets.Length];
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = BitConverter.DoubleToInt64Bits(buckets[i]);
        }
        var totals = (BitConverter.DoubleToInt64Bits(Count), BitConverter.DoubleToInt64Bits(ZeroCount));
        return new(Layout, true, totals, Sum, floats, Hint);
    }

    /// <summary>The same without buckets that are empty.</summary>
    public Histogram Compact()
    {
        var isCompact = AreCompact(Layout.PositiveSpans) && AreCompact(Layout.NegativeSpans);
        for (var i = 0; i < buckets.Length && isCompact; i++)
        {
            isCompact = !IsEmpty(buckets[i]);
        }
        if (isCompact)
        {
            return this;
        }
        var kept = new List<long>(buckets.Length);
        var positive = NotEmpty(Layout.PositiveIndexes, 0, kept);
        var negative = NotEmpty(Layout.NegativeIndexes, Layout.PositiveCount, kept);
        var layout = Layout.WithIndexes(CollectionsMarshal.AsSpan(positive), CollectionsMarshal.AsSpan(negative));
        return new(layout, IsFloat, (CountBits, ZeroCountBits), Sum, [.. kept], Hint);
    }

    /// <summary>The same in a coarser exponential schema: neighbouring buckets become one.</summary>
    /// <param name="schema">Less than the layout's, which is exponential, too.</param>
    public Histogram Reduce(int schema)
    {
        if (Layout.IsCustom || schema >= Layout.Schema)
        {
            throw new ArgumentOutOfRangeException(nameof(schema), schema, $"not coarser than {Layout.Schema}");
        }
        var merged = new List<long>(buckets.Length);
        var positive = Merge(Layout.PositiveIndexes, 0, schema, merged);
        var negative = Merge(Layout.NegativeIndexes, Layout.PositiveCount, schema, merged);
        var layout = HistogramLayout.OfIndexes(
            schema,
            Layout.ZeroThreshold,
            CollectionsMarshal.AsSpan(positive),
            CollectionsMarshal.AsSpan(negative),
            []
        );
        return new(layout, IsFloat, (CountBits, ZeroCountBits), Sum, [.. merged], Hint);
    }

    /// <summary>What upstream finds wrong with a histogram to be stored; null when nothing is.</summary>
    public string? Check() => Layout.Check() ?? (IsFloat ? CheckFloats() : CheckIntegers());

    /// <summary>
    /// Whether both are the same value in the same form, bit for bit. Buckets that are empty, and
    /// <see cref="Hint"/>, do not count: where a sample is stored may add either.
    /// </summary>
    public bool Equals(Histogram? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }
        if (other is null || BitConverter.DoubleToInt64Bits(Sum) != BitConverter.DoubleToInt64Bits(other.Sum))
        {
            return false;
        }
        if (IsStale)
        {
            return true;
        }
        return IsFloat == other.IsFloat
            && CountBits == other.CountBits
            && ZeroCountBits == other.ZeroCountBits
            && Layout.HasSameBounds(other.Layout)
            && HasSameBuckets(other);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Histogram);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        IsStale ? 0 : HashCode.Combine(IsFloat, BitConverter.DoubleToInt64Bits(Sum), CountBits, ZeroCountBits);

    private bool HasSameBuckets(Histogram other)
    {
        if (Layout.Equals(other.Layout))
        {
            return buckets.AsSpan().SequenceEqual(other.buckets);
        }
        var (one, two) = (Compact(), other.Compact());
        return one.Layout.Equals(two.Layout) && one.buckets.AsSpan().SequenceEqual(two.buckets);
    }

    private static void Spread(
        ReadOnlySpan<int> indexes,
        ReadOnlySpan<long> counts,
        ReadOnlySpan<int> wider,
        Span<long> result
    )
    {
        var next = 0;
        for (var i = 0; i < wider.Length && next < indexes.Length; i++)
        {
            if (wider[i] == indexes[next])
            {
                result[i] = counts[next++];
            }
        }
        if (next < indexes.Length)
        {
            throw new ArgumentException("the wider layout lacks a bucket", nameof(wider));
        }
    }

    private double FloatOf(long bits) => IsFloat ? BitConverter.Int64BitsToDouble(bits) : (ulong)bits;

    private bool IsEmpty(long bits) => bits == 0 || (IsFloat && BitConverter.Int64BitsToDouble(bits) == 0);

    private static bool AreCompact(ReadOnlySpan<BucketSpan> spans)
    {
        for (var i = 0; i < spans.Length; i++)
        {
            if (spans[i].Length == 0 || (i > 0 && spans[i].Offset == 0))
            {
                return false;
            }
        }
        return true;
    }

    private List<int> NotEmpty(ReadOnlySpan<int> indexes, int first, List<long> kept)
    {
        var result = new List<int>(indexes.Length);
        for (var i = 0; i < indexes.Length; i++)
        {
            if (!IsEmpty(buckets[first + i]))
            {
                result.Add(indexes[i]);
                kept.Add(buckets[first + i]);
            }
        }
        return result;
    }

    private List<int> Merge(ReadOnlySpan<int> indexes, int first, int schema, List<long> merged)
    {
        var result = new List<int>(indexes.Length);
        var shift = Layout.Schema - schema;
        for (var i = 0; i < indexes.Length; i++)
        {
            // A shift of a C# integer counts modulo 32, and beyond 31 all bits are gone anyway.
            var target = ((indexes[i] - 1) >> Math.Min(shift, 31)) + 1;
            if (result.Count > 0 && result[^1] == target)
            {
                merged[^1] = Add(merged[^1], buckets[first + i]);
            }
            else
            {
                result.Add(target);
                merged.Add(buckets[first + i]);
            }
        }
        return result;
    }

    private long Add(long one, long other) =>
        IsFloat
            ? BitConverter.DoubleToInt64Bits(
                BitConverter.Int64BitsToDouble(one) + BitConverter.Int64BitsToDouble(other)
            )
            : one + other;

    private string? CheckIntegers()
    {
        var inBuckets = (UInt128)(ulong)ZeroCountBits;
        for (var i = 0; i < buckets.Length; i++)
        {
            if (buckets[i] < 0)
            {
                return $"{NameOf(i)} has the negative count {buckets[i]}";
            }
            inBuckets += (ulong)buckets[i];
        }
        if (Layout.IsCustom && ZeroCountBits != 0)
        {
            return "custom buckets: the zero count must be 0";
        }
        var count = (ulong)CountBits;
        // Observations of NaN are in no bucket.
        return double.IsNaN(Sum)
            ? inBuckets > count
                ? $"{inBuckets} observations in buckets, but only {count} in all"
                : null
            : inBuckets != count
                ? $"{inBuckets} observations in buckets, but {count} in all"
                : null;
    }

    private string? CheckFloats()
    {
        if (Layout.IsCustom && ZeroCount != 0)
        {
            return "custom buckets: the zero count must be 0";
        }
        if (Count < 0 || ZeroCount < 0)
        {
            return $"the {(Count < 0 ? "" : "zero ")}count is negative";
        }
        var floats = Floats;
        for (var i = 0; i < floats.Length; i++)
        {
            if (floats[i] < 0)
            {
                return FormattableString.Invariant($"{NameOf(i)} has the negative count {floats[i]}");
            }
        }
        return null;
    }

    private string NameOf(int position) =>
        position < Layout.PositiveCount
            ? $"positive bucket {position + 1}"
            : $"negative bucket {position - Layout.PositiveCount + 1}";
}
