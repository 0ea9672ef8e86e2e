using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>A summary or histogram of protobuf's exposition, classic and native, as its message says; used again and again.</summary>
/// <remarks>
/// <c>io.prometheus.client.Summary</c> and <c>Histogram</c> of
/// <see href="https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto"/>. Exemplars and
/// start timestamps are passed over.
/// </remarks>
internal sealed class HistogramMessage
{
    private readonly List<BucketSpan> positive = [];
    private readonly List<BucketSpan> negative = [];
    private readonly List<long> positiveDeltas = [];
    private readonly List<long> negativeDeltas = [];
    private readonly List<double> positiveCounts = [];
    private readonly List<double> negativeCounts = [];
    private readonly ClassicBuckets classic = new();
    private ulong count;
    private double countFloat;
    private int schema;
    private double zeroThreshold;
    private ulong zeroCount;
    private double zeroCountFloat;

    /// <summary>Bounds with cumulative counts, or quantiles with values.</summary>
    public List<(double Bound, double Value)> Parts { get; } = [];

    /// <summary>All observations.</summary>
    public double Count => countFloat != 0 ? countFloat : count;

    /// <summary>Their sum.</summary>
    public double Sum { get; private set; }

    /// <summary>
    /// Whether it is to be taken as a native histogram. One without spans, zero threshold and observations is not: a source
    /// sends a span of no length to say that it is one.
    /// </summary>
    public bool IsNative => positive.Count > 0 || negative.Count > 0 || zeroThreshold > 0 || zeroCount > 0;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Parts.Clear();
        positive.Clear();
        negative.Clear();
        positiveDeltas.Clear();
        negativeDeltas.Clear();
        positiveCounts.Clear();
        negativeCounts.Clear();
        (count, countFloat, Sum, schema) = (0, 0, 0, 0);
        (zeroThreshold, zeroCount, zeroCountFloat) = (0, 0, 0);
    }

    /// <summary>Reads a summary.</summary>
    public void ReadSummary(WireReader message)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    count = message.ReadNumber("sample_count");
                    break;
                case 2:
                    Sum = Normal(message.ReadDouble("sample_sum"));
                    break;
                case 3:
                    ReadQuantile(message.ReadMessage("quantile"));
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
    }

    /// <summary>Reads a histogram.</summary>
    public void ReadHistogram(WireReader message)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    count = message.ReadNumber("sample_count");
                    break;
                case 2:
                    Sum = Normal(message.ReadDouble("sample_sum"));
                    break;
                case 3:
                    ReadBucket(message.ReadMessage("bucket"));
                    break;
                case 4:
                    countFloat = Normal(message.ReadDouble("sample_count_float"));
                    break;
                case >= 5 and <= 14:
                    ReadNative(ref message);
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
    }

    /// <summary>Makes the native histogram, without empty buckets.</summary>
    /// <param name="isGauge">Whether the family is of gauge histograms.</param>
    /// <param name="histogram">The histogram; null when there is none.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    public string? TryBuild(bool isGauge, out Histogram? histogram)
    {
        histogram = null;
        var isFloat = countFloat > 0 || zeroCountFloat > 0;
        var problem =
            CheckSide("positive", positive, isFloat ? positiveCounts.Count : positiveDeltas.Count)
            ?? CheckSide("negative", negative, isFloat ? negativeCounts.Count : negativeDeltas.Count);
        if (problem is not null)
        {
            return problem;
        }
        var layout = new HistogramLayout(schema, zeroThreshold, [.. positive], [.. negative], []);
        var hint = isGauge ? CounterResetHint.Gauge : CounterResetHint.Unknown;
        if (isFloat)
        {
            positiveCounts.AddRange(negativeCounts);
            var floats = CollectionsMarshal.AsSpan(positiveCounts);
            histogram = Histogram.OfFloats(layout, countFloat, zeroCountFloat, Sum, floats, hint).Compact();
            return null;
        }
        var integers = new long[layout.BucketCount];
        Accumulate(positiveDeltas, integers);
        Accumulate(negativeDeltas, integers.AsSpan(layout.PositiveCount));
        histogram = Histogram.OfIntegers(layout, count, zeroCount, Sum, integers, hint).Compact();
        return null;
    }

    /// <summary>Makes a native histogram with custom buckets of the classic ones.</summary>
    /// <inheritdoc cref="TryBuild"/>
    public string? TryConvert(bool isGauge, out Histogram? histogram)
    {
        classic.Clear();
        classic.SetCount(Count);
        classic.SetSum(Sum);
        foreach (var (bound, cumulative) in Parts)
        {
            classic.Add(bound, cumulative);
        }
        return classic.TryConvert(isGauge ? CounterResetHint.Gauge : CounterResetHint.Unknown, out histogram);
    }

    /// <summary>A NaN as it is stored: no source can write a staleness marker.</summary>
    public static double Normal(double value) => double.IsNaN(value) ? StaleMarker.NormalNaN : value;

    private void ReadNative(ref WireReader message)
    {
        switch (message.Field)
        {
            case 5:
                var value = message.ReadSigned("schema");
                schema = value == (int)value ? (int)value : throw message.Error($"the schema {value} cannot be");
                break;
            case 6:
                zeroThreshold = message.ReadDouble("zero_threshold");
                break;
            case 7:
                zeroCount = message.ReadNumber("zero_count");
                break;
            case 8:
                zeroCountFloat = Normal(message.ReadDouble("zero_count_float"));
                break;
            case 9:
                negative.Add(ReadSpan(message.ReadMessage("negative_span")));
                break;
            case 10:
                message.AddSigned("negative_delta", negativeDeltas);
                break;
            case 11:
                message.AddDoubles("negative_count", negativeCounts);
                break;
            case 12:
                positive.Add(ReadSpan(message.ReadMessage("positive_span")));
                break;
            case 13:
                message.AddSigned("positive_delta", positiveDeltas);
                break;
            default:
                message.AddDoubles("positive_count", positiveCounts);
                break;
        }
    }

    private static BucketSpan ReadSpan(WireReader message)
    {
        var (offset, length) = (0L, 0UL);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    offset = message.ReadSigned("offset");
                    break;
                case 2:
                    length = message.ReadNumber("length");
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
        return offset == (int)offset && length <= HistogramLayout.MaxBuckets
            ? new BucketSpan((int)offset, (int)length)
            : throw message.Error($"a span of {length} buckets with the offset {offset}");
    }

    private void ReadQuantile(WireReader message)
    {
        var (quantile, value) = (0.0, 0.0);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    quantile = message.ReadDouble("quantile");
                    break;
                case 2:
                    value = Normal(message.ReadDouble("value"));
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
        Parts.Add((quantile, value));
    }

    private void ReadBucket(WireReader message)
    {
        var (bound, cumulative, cumulativeFloat) = (0.0, 0UL, 0.0);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    cumulative = message.ReadNumber("cumulative_count");
                    break;
                case 2:
                    bound = message.ReadDouble("upper_bound");
                    break;
                case 4:
                    cumulativeFloat = Normal(message.ReadDouble("cumulative_count_float"));
                    break;
                default:
                    message.Skip();
                    break;
            }
        }
        Parts.Add((bound, cumulativeFloat != 0 ? cumulativeFloat : cumulative));
    }

    private static string? CheckSide(string side, List<BucketSpan> spans, int buckets)
    {
        var needed = spans.Sum(span => (long)span.Length);
        return needed == buckets && needed <= HistogramLayout.MaxBuckets / 2
            ? null
            : $"a native histogram's {side} spans need {needed} buckets (at most {HistogramLayout.MaxBuckets / 2}), but it has {buckets}";
    }

    private static void Accumulate(List<long> deltas, Span<long> counts)
    {
        var sum = 0L;
        for (var i = 0; i < deltas.Count; i++)
        {
            sum += deltas[i];
            counts[i] = sum;
        }
    }
}
