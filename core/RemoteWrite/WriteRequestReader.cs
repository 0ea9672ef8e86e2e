using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Reads <c>prometheus.WriteRequest</c>, the message of remote write 1.0; the twin of <see cref="WriteRequestWriter"/>.</summary>
/// <remarks>See <see href="https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto"/>.</remarks>
/// <param name="series">The series that are known.</param>
/// <param name="metadata">What is known of families.</param>
/// <param name="limits">What a request may hold.</param>
internal sealed class WriteRequestReader(WrittenSeries series, WrittenMetadata metadata, WriteLimits limits)
    : MessageReader(series, limits, WriteProtocol.MessageV1)
{
    private const byte LabelsTag = (1 << 3) | 2;
    private const int SamplesField = 2;
    private const int HistogramsField = 4;

    /// <inheritdoc/>
    protected override void ReadMessage(ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    var one = reader.ReadBytes("timeseries");
                    ReadSeries(one, reader.Offset - one.Length);
                    break;
                case 3:
                    ReadMetadata(reader.ReadMessage("metadata"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadSeries(ReadOnlySpan<byte> message, long offset)
    {
        var length = LabelsLength(message);
        if (CountFields(message[length..], offset + length, 1, 1) > 0)
        {
            message = LabelsFirst(message, offset);
            length = LabelsLength(message);
        }
        if (!TryBegin(message[..length], offset, out var problem, out var example))
        {
            var samples = CountFields(message[length..], offset + length, SamplesField, HistogramsField);
            Reject(problem, samples, example);
            return;
        }
        var reader = new WireReader(message[length..], offset + length);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case SamplesField:
                    var sample = reader.ReadBytes("samples");
                    TakeSample(sample, reader.Offset - sample.Length);
                    break;
                case 3:
                    reader.Skip();
                    Intake.Tally.Exemplars++;
                    break;
                case HistogramsField:
                    var histogram = reader.ReadBytes("histograms");
                    TakeHistogram(histogram, reader.Offset - histogram.Length);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private bool TryBegin(ReadOnlySpan<byte> labels, long offset, out WriteProblem problem, out string example)
    {
        (problem, example) = (default, "");
        var key = ByteHash.Compute128(labels);
        if (!Series.TryFind(key, out var number))
        {
            if (Series.IsTooLarge(0, labels.Length))
            {
                (problem, example) = (WriteProblem.RefusedLabels, Series.TooLarge);
                return false;
            }
            if (!TryReadLabels(labels, offset))
            {
                example = $"invalid labels: not valid UTF-8: {ExpositionException.Excerpt(labels)}";
                return false;
            }
            if (Series.TryAdd(key, labels.Length, Given, out number, out problem) is { } refused)
            {
                example = refused;
                return false;
            }
        }
        Begin(number);
        return true;
    }

    private bool TryReadLabels(ReadOnlySpan<byte> bytes, long offset)
    {
        Given.Clear();
        var reader = new WireReader(bytes, offset);
        while (reader.Next())
        {
            var label = reader.ReadMessage("labels");
            string? name = "";
            string? value = "";
            while (label.Next())
            {
                switch (label.Field)
                {
                    case 1:
                        name = Text(label.ReadBytes("name"));
                        break;
                    case 2:
                        value = Text(label.ReadBytes("value"));
                        break;
                    default:
                        label.Skip();
                        break;
                }
            }
            if (name is null || value is null)
            {
                return false;
            }
            Given.Add((name, value));
        }
        return true;
    }

    private void ReadMetadata(WireReader reader)
    {
        var (type, family, help, unit) = (0UL, (string?)"", (string?)"", (string?)"");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    type = reader.ReadNumber("type");
                    break;
                case 2:
                    family = Text(reader.ReadBytes("metric_family_name"));
                    break;
                case 4:
                    help = Text(reader.ReadBytes("help"));
                    break;
                case 5:
                    unit = Text(reader.ReadBytes("unit"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (string.IsNullOrEmpty(family) || help is null || unit is null)
        {
            Intake.Tally.DroppedMetadata++;
            return;
        }
        metadata.Take(new MetricMetadata(family, MetricTypeNumbers.NameOf(type), help, unit), Intake);
    }

    /// <summary>How many bytes the labels take that stand in front of everything else.</summary>
    private static int LabelsLength(ReadOnlySpan<byte> message)
    {
        var at = 0;
        while (at < message.Length && message[at] == LabelsTag)
        {
            var size = WireReader.TryReadVarint(message[(at + 1)..], out var length);
            if (size <= 0 || length > (ulong)(message.Length - at - 1 - size))
            {
                // What is broken here is met again when the rest is read.
                break;
            }
            at += 1 + size + (int)length;
        }
        return at;
    }

    /// <summary>The same message with its labels in front: the format allows any order, though nobody writes another.</summary>
    private static byte[] LabelsFirst(ReadOnlySpan<byte> message, long offset)
    {
        var sorted = new byte[message.Length];
        var written = 0;
        foreach (var wantsLabels in (ReadOnlySpan<bool>)[true, false])
        {
            var reader = new WireReader(message, offset);
            var begin = reader.Offset;
            while (reader.Next())
            {
                var isLabel = reader.Field == 1;
                reader.Skip();
                var field = message[(int)(begin - offset)..(int)(reader.Offset - offset)];
                begin = reader.Offset;
                if (isLabel == wantsLabels)
                {
                    field.CopyTo(sorted.AsSpan(written));
                    written += field.Length;
                }
            }
        }
        return sorted;
    }
}
