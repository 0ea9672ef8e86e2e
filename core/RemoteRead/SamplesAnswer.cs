using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteRead;

/// <summary>An answer of samples: one <c>prometheus.ReadResponse</c> in a snappy block.</summary>
/// <param name="external">The labels that every series gets.</param>
internal sealed class SamplesAnswer(LabelSet external)
{
    public const string ContentType = "application/x-protobuf";

    private readonly ByteWriter message = new(64 * 1024);
    private readonly ByteWriter result = new(64 * 1024);
    private readonly ByteWriter series = new(4096);
    private readonly ByteWriter sample = new();
    private readonly ByteWriter part = new();

    /// <summary>Adds what one query selects, in the order of the queries.</summary>
    public void Add(IReadOnlyList<SelectedSeries> selected)
    {
        result.Clear();
        foreach (var one in selected)
        {
            series.Clear();
            ReadSeries.WriteLabels(series, ReadSeries.Labels(one.Labels, external), part);
            foreach (var (timestampMs, value) in one.Samples)
            {
                sample.Clear();
                sample.WriteDouble(1, value);
                sample.WriteNumber(2, (ulong)timestampMs);
                series.WriteMessage(2, sample);
            }
            foreach (var histogram in one.Histograms)
            {
                sample.Clear();
                ReadSeries.WriteHistogram(sample, histogram, part);
                series.WriteMessage(4, sample);
            }
            result.WriteMessage(1, series);
        }
        message.WriteMessage(1, result);
    }

    /// <summary>The whole body.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        result.Clear();
        SnappyBlock.Encode(message.WrittenSpan, result);
        return result.WrittenMemory;
    }
}
