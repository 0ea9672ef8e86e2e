using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.RemoteWrite;

/// <summary>Readers of both messages, and what they read as lines.</summary>
internal sealed class ReadPlace
{
    public const long NowMs = 1_700_000_000_000;

    private readonly MessageReader readerV1;
    private readonly MessageReader readerV2;

    public ReadPlace(WriteLimits? limits = null, SeriesBudget? budget = null)
    {
        limits ??= new WriteLimits();
        Series = new WrittenSeries(new SeriesTable(), budget ?? SeriesBudget.Unlimited, limits);
        Metadata = new WrittenMetadata(limits);
        readerV1 = new WriteRequestReader(Series, Metadata, limits);
        readerV2 = new WriteRequestV2Reader(Series, Metadata, limits);
    }

    public WrittenSeries Series { get; }

    public WrittenMetadata Metadata { get; }

    /// <summary>Reads a message; samples are taken from an hour ago to ten minutes ahead.</summary>
    public WriteIntake Read(byte[] message, bool isV2)
    {
        var intake = new WriteIntake(new ReceivedSamples(), new WriteTally(), [], NowMs - 3_600_000, NowMs + 600_000);
        (isV2 ? readerV2 : readerV1).Read(message, intake);
        return intake;
    }

    /// <summary>The samples, in their order: series, time, bits of the value or the histogram.</summary>
    public static List<string> Lines(WriteIntake intake)
    {
        var lines = new List<string>();
        var columns = intake.Samples.Columns();
        for (var i = 0; i < columns.Count; i++)
        {
            var histogram = columns.Histograms.IsEmpty ? null : columns.Histograms.Span[i];
            lines.Add(Line(columns.Series[i], columns.TimestampsMs.Span[i], columns.Values.Span[i], histogram));
        }
        return lines;
    }

    /// <summary>One sample as a line.</summary>
    public static string Line(LabelSet series, long timestampMs, double value, Histogram? histogram = null) =>
        FormattableString.Invariant(
            $"{series} {timestampMs - NowMs} {(histogram is null ? Bits(value) : Describe(histogram))}"
        );

    private static string Bits(double value) =>
        BitConverter.DoubleToInt64Bits(value).ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static string Describe(Histogram value)
    {
        if (value.IsStale)
        {
            return "stale histogram";
        }
        var layout = value.Layout;
        var buckets = Enumerable.Range(0, layout.BucketCount).Select(value.BucketAt);
        return FormattableString.Invariant(
                $"{(value.IsFloat ? "floats" : "integers")} {layout.Schema} {layout.ZeroThreshold} {value.Count} {value.ZeroCount} {Bits(value.Sum)} "
            )
            + $"[{string.Join(' ', layout.PositiveSpans.ToArray())}] [{string.Join(' ', layout.NegativeSpans.ToArray())}] "
            + $"[{string.Join(' ', layout.CustomValues.ToArray())}] [{string.Join(' ', buckets)}] {value.Hint is CounterResetHint.Gauge}";
    }
}
