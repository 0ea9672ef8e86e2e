using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>What the readers of both messages of remote write have in common; used again and again, by one thread at a time.</summary>
/// <param name="series">The series that are known.</param>
/// <param name="limits">What a request may hold.</param>
/// <param name="name">The name of the message.</param>
internal abstract class MessageReader(WrittenSeries series, WriteLimits limits, string name)
{
    /// <summary>The tag of a field of a double with the number 1: how a sample begins.</summary>
    private const byte ValueTag = (1 << 3) | 1;

    /// <summary>The tag of a field of a number with the number 2: how it goes on.</summary>
    private const byte TimeTag = 2 << 3;
    private const int TimeAt = 1 + sizeof(double);

    private readonly HistogramFields fields = new();
    private WriteIntake intake = null!;
    private LabelSet labels = LabelSet.Empty;
    private int number;
    private int histograms;
    private int buckets;

    /// <summary>Names and values of a series that is not known.</summary>
    protected List<(string Name, string Value)> Given { get; } = [];

    /// <summary>What a request may hold.</summary>
    protected WriteLimits Limits => limits;

    /// <summary>The series that are known.</summary>
    protected WrittenSeries Series => series;

    /// <summary>Where things go.</summary>
    protected WriteIntake Intake => intake;

    /// <summary>The labels of the series whose samples are read.</summary>
    protected LabelSet Labels => labels;

    /// <summary>Reads a message.</summary>
    /// <param name="message">The message, decompressed.</param>
    /// <param name="into">Gets what it holds.</param>
    /// <exception cref="WriteException">
    /// It is no such message or breaks a limit; what it has put into the intake is to be taken back.
    /// </exception>
    public void Read(ReadOnlySpan<byte> message, WriteIntake into)
    {
        intake = into;
        (histograms, buckets) = (0, 0);
        try
        {
            ReadMessage(message);
        }
        catch (ExpositionException exception)
        {
            throw new WriteException(
                WriteRefusal.Malformed,
                $"the request is no {name}: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>Reads the whole message.</summary>
    protected abstract void ReadMessage(ReadOnlySpan<byte> message);

    /// <summary>Begins the samples of a series.</summary>
    protected void Begin(int known) => (number, labels) = (known, series[known]);

    /// <summary>Takes note of samples that are not stored.</summary>
    protected void Reject(WriteProblem problem, int samples, string example)
    {
        if (intake.Tally.Add(problem, samples))
        {
            intake.Tally.Explain(problem, example);
        }
    }

    /// <summary>Takes a sample of the series.</summary>
    /// <param name="sample">Its message: value 1, timestamp 2; what else it has is passed over.</param>
    /// <param name="offset">Where it begins; only errors use it.</param>
    protected void TakeSample(ReadOnlySpan<byte> sample, long offset)
    {
        double value;
        long timestampMs;
        if (
            sample.Length > TimeAt
            && sample[0] == ValueTag
            && sample[TimeAt] == TimeTag
            && WireReader.TryReadVarint(sample[(TimeAt + 1)..], out var time) == sample.Length - TimeAt - 1
        )
        {
            value = BinaryPrimitives.ReadDoubleLittleEndian(sample[1..]);
            timestampMs = (long)time;
        }
        else
        {
            (value, timestampMs) = ReadSample(new WireReader(sample, offset));
        }
        if (IsAccepted(timestampMs))
        {
            intake.Samples.Add(labels, timestampMs, value);
            intake.Tally.Samples++;
        }
    }

    /// <summary>Takes a native histogram of the series.</summary>
    /// <param name="message">Its message.</param>
    /// <param name="offset">Where it begins; only errors use it.</param>
    protected void TakeHistogram(ReadOnlySpan<byte> message, long offset)
    {
        if (message.Length > limits.MaxHistogramBytes)
        {
            throw TooLarge($"a native histogram of more than {limits.MaxHistogramBytes} bytes");
        }
        if (++histograms > limits.MaxHistograms)
        {
            throw TooLarge($"more than {limits.MaxHistograms} native histograms in one request");
        }
        var problem = fields.TryRead(new WireReader(message, offset), out var histogram);
        if (histogram is not null)
        {
            buckets += histogram.Layout.BucketCount + histogram.Layout.CustomValues.Length;
            if (buckets > limits.MaxBuckets)
            {
                throw TooLarge($"more than {limits.MaxBuckets} buckets of native histograms in one request");
            }
            problem = series.TryApply(number, ref histogram);
        }
        if (problem is not null)
        {
            if (intake.Tally.Add(WriteProblem.InvalidHistogram, 1))
            {
                intake.Tally.Explain(WriteProblem.InvalidHistogram, $"invalid histogram of {labels}: {problem}");
            }
            return;
        }
        if (IsAccepted(fields.TimestampMs))
        {
            intake.Samples.Add(labels, fields.TimestampMs, histogram!);
            intake.Tally.Histograms++;
        }
    }

    /// <summary>The error of a request that breaks a limit.</summary>
    protected static WriteException TooLarge(string problem) =>
        new(WriteRefusal.TooLarge, $"{problem}: send less at once");

    /// <summary>A text of the message; null when it is not UTF-8.</summary>
    protected static string? Text(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>How many fields of two numbers a message has.</summary>
    protected static int CountFields(ReadOnlySpan<byte> message, long offset, int one, int other)
    {
        var found = 0;
        var reader = new WireReader(message, offset);
        while (reader.Next())
        {
            found += reader.Field == one || reader.Field == other ? 1 : 0;
            reader.Skip();
        }
        return found;
    }

    private static (double Value, long TimestampMs) ReadSample(WireReader reader)
    {
        var (value, timestampMs) = (0.0, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    value = reader.ReadDouble("value");
                    break;
                case 2:
                    timestampMs = (long)reader.ReadNumber("timestamp");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return (value, timestampMs);
    }

    private bool IsAccepted(long timestampMs)
    {
        if (timestampMs >= intake.MinMs && timestampMs <= intake.MaxMs)
        {
            return intake.Samples.Count - intake.First < limits.MaxSamples
                ? true
                : throw TooLarge($"more than {limits.MaxSamples} samples in one request");
        }
        var problem = timestampMs < intake.MinMs ? WriteProblem.TooOld : WriteProblem.TooFarAhead;
        if (intake.Tally.Add(problem, 1))
        {
            intake.Tally.Explain(
                problem,
                problem is WriteProblem.TooOld
                    ? Invariant(
                        $"too old sample: {labels} at {timestampMs}, accepted are samples from {intake.MinMs} on (storage.tsdb.out_of_order_time_window)"
                    )
                    : Invariant(
                        $"out of bounds: timestamp is too far in the future: {labels} at {timestampMs}, accepted are samples up to {intake.MaxMs}"
                    )
            );
        }
        return false;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
