using System.Runtime.InteropServices;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Reads a <c>Histogram</c> of remote write, the same in both messages; used again and again.</summary>
/// <remarks>
/// What is written by <see cref="SeriesFields.WriteHistogram"/>. Start timestamps are passed over. Whether its content is
/// sound, <see cref="Histogram.Check"/> says; here only what no histogram can be made of is a problem.
/// </remarks>
internal sealed class HistogramFields
{
    /// <summary>So many spans may be empty beside those that have buckets.</summary>
    private const int MaxEmptySpans = 1024;

    private readonly List<BucketSpan> positive = [];
    private readonly List<BucketSpan> negative = [];
    private readonly List<long> positiveDeltas = [];
    private readonly List<long> negativeDeltas = [];
    private readonly List<double> positiveCounts = [];
    private readonly List<double> negativeCounts = [];
    private readonly List<double> customValues = [];
    private ulong count;
    private double countFloat;
    private ulong zeroCount;
    private double zeroCountFloat;
    private double sum;
    private double zeroThreshold;
    private long schema;
    private ulong hint;
    private bool isFloat;

    /// <summary>The time of the histogram that was read last, milliseconds since the epoch.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>Reads a histogram.</summary>
    /// <param name="message">Its message.</param>
    /// <param name="histogram">The histogram; null when there is a problem.</param>
    /// <returns>Null, or why it is none.</returns>
    public string? TryRead(WireReader message, out Histogram? histogram)
    {
        Clear();
        while (message.Next())
        {
            ReadField(ref message);
        }
        histogram = null;
        if (StaleMarker.IsStale(sum))
        {
            histogram = Histogram.Stale;
            return null;
        }
        return CheckSide("positive", positive, isFloat ? positiveCounts.Count : positiveDeltas.Count)
            ?? CheckSide("negative", negative, isFloat ? negativeCounts.Count : negativeDeltas.Count)
            ?? (schema == (int)schema ? TryBuild(out histogram) : $"the schema {schema} cannot be");
    }

    private string? TryBuild(out Histogram? histogram)
    {
        histogram = null;
        if (positive.Count + negative.Count > HistogramLayout.MaxBuckets)
        {
            return "it has too many spans";
        }
        HistogramLayout layout;
        try
        {
            layout = new HistogramLayout((int)schema, zeroThreshold, [.. positive], [.. negative], [.. customValues]);
        }
        catch (TooManyBucketsException exception)
        {
            return exception.Message;
        }
        var known = hint switch
        {
            1 => CounterResetHint.CounterReset,
            2 => CounterResetHint.NotCounterReset,
            3 => CounterResetHint.Gauge,
            _ => CounterResetHint.Unknown,
        };
        if (isFloat)
        {
            positiveCounts.AddRange(negativeCounts);
            var floats = CollectionsMarshal.AsSpan(positiveCounts);
            histogram = Histogram.OfFloats(layout, countFloat, zeroCountFloat, sum, floats, known);
            return null;
        }
        var integers = new long[layout.BucketCount];
        Accumulate(positiveDeltas, integers);
        Accumulate(negativeDeltas, integers.AsSpan(layout.PositiveCount));
        histogram = Histogram.OfIntegers(layout, count, zeroCount, sum, integers, known);
        return null;
    }

    private void ReadField(ref WireReader message)
    {
        switch (message.Field)
        {
            case 1:
                count = message.ReadNumber("count_int");
                isFloat = false;
                break;
            case 2:
                countFloat = message.ReadDouble("count_float");
                isFloat = true;
                break;
            case 3:
                sum = message.ReadDouble("sum");
                break;
            case 4:
                schema = message.ReadSigned("schema");
                break;
            case 5:
                zeroThreshold = message.ReadDouble("zero_threshold");
                break;
            case 6:
                zeroCount = message.ReadNumber("zero_count_int");
                break;
            case 7:
                zeroCountFloat = message.ReadDouble("zero_count_float");
                break;
            case 14:
                hint = message.ReadNumber("reset_hint");
                break;
            case 15:
                TimestampMs = (long)message.ReadNumber("timestamp");
                break;
            default:
                ReadBuckets(ref message);
                break;
        }
    }

    private void ReadBuckets(ref WireReader message)
    {
        switch (message.Field)
        {
            case 8:
                negative.Add(ReadSpan(message.ReadMessage("negative_spans")));
                break;
            case 9:
                message.AddSigned("negative_deltas", negativeDeltas);
                break;
            case 10:
                message.AddDoubles("negative_counts", negativeCounts);
                break;
            case 11:
                positive.Add(ReadSpan(message.ReadMessage("positive_spans")));
                break;
            case 12:
                message.AddSigned("positive_deltas", positiveDeltas);
                break;
            case 13:
                message.AddDoubles("positive_counts", positiveCounts);
                break;
            case 16:
                message.AddDoubles("custom_values", customValues);
                break;
            default:
                message.Skip();
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

    private static string? CheckSide(string side, List<BucketSpan> spans, int buckets)
    {
        var needed = 0L;
        foreach (var span in spans)
        {
            needed += span.Length;
        }
        return needed != buckets ? $"the {side} spans need {needed} buckets, but it has {buckets}"
            : spans.Count > buckets + MaxEmptySpans ? $"it has {spans.Count} {side} spans for {buckets} buckets"
            : null;
    }

    private static void Accumulate(List<long> deltas, Span<long> counts)
    {
        var total = 0L;
        for (var i = 0; i < deltas.Count; i++)
        {
            total = unchecked(total + deltas[i]);
            counts[i] = total;
        }
    }

    private void Clear()
    {
        positive.Clear();
        negative.Clear();
        positiveDeltas.Clear();
        negativeDeltas.Clear();
        positiveCounts.Clear();
        negativeCounts.Clear();
        customValues.Clear();
        (count, countFloat, zeroCount, zeroCountFloat, sum) = (0, 0, 0, 0, 0);
        (zeroThreshold, schema, hint, isFloat, TimestampMs) = (0, 0, 0, false, 0);
    }
}
