using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Storage.Selection;

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
    private readonly SampleBuffer samples = new();

    /// <summary>Adds what one query selects, in the order of the queries.</summary>
    /// <param name="selected">The series.</param>
    /// <param name="maxSamples">The most samples; 0 is no limit.</param>
    /// <exception cref="ReadRequestException">There are more.</exception>
    public void Add(IReadOnlyList<SelectedChunks> selected, long maxSamples)
    {
        var left = maxSamples == 0 ? long.MaxValue : maxSamples;
        result.Clear();
        foreach (var one in selected)
        {
            one.Decode(samples);
            left -= samples.Count;
            if (left < 0)
            {
                throw new ReadRequestException($"exceeded sample limit ({maxSamples})");
            }
            if (samples.Count > 0)
            {
                Write(one.Labels);
            }
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

    private void Write(LabelSet labels)
    {
        series.Clear();
        SeriesFields.WriteLabels(series, ReadSeries.Labels(labels, external), part);
        for (var i = 0; i < samples.Count; i++)
        {
            if (samples.HasHistograms && samples.Histograms[i] is not null)
            {
                continue;
            }
            SeriesFields.WriteSample(series, samples.TimesMs[i], samples.Values[i], part);
        }
        for (var i = 0; samples.HasHistograms && i < samples.Count; i++)
        {
            if (samples.Histograms[i] is { } histogram)
            {
                sample.Clear();
                SeriesFields.WriteHistogram(sample, new HistogramSample(samples.TimesMs[i], histogram), part);
                series.WriteMessage(4, sample);
            }
        }
        result.WriteMessage(1, series);
    }
}
