using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>A message of remote write in the making; used again and again.</summary>
/// <remarks>
/// A series is begun, gets samples by rising time, and ends when the next one begins or the message is finished. Receivers
/// want each series once in a message.
/// </remarks>
/// <param name="histogramsField">The field of a series' histograms.</param>
internal abstract class WriteMessage(int histogramsField)
{
    private readonly ByteWriter block = new(64 * 1024);
    private readonly ByteWriter sample = new();
    private readonly ByteWriter part = new();
    private bool isOpen;

    /// <summary>The content type of a request with such a message.</summary>
    public abstract string ContentType { get; }

    /// <summary>What a request says in <see cref="WriteProtocol.VersionHeader"/>.</summary>
    public abstract string Version { get; }

    /// <summary>Float samples in the message.</summary>
    public int Samples { get; private set; }

    /// <summary>Native histograms in the message.</summary>
    public int Histograms { get; private set; }

    /// <summary>Metadata entries in the message.</summary>
    public int Metadata { get; protected set; }

    /// <summary>About how many bytes the message has before compression.</summary>
    public abstract int Bytes { get; }

    /// <summary>The series that is written.</summary>
    protected ByteWriter Series { get; } = new(4096);

    /// <summary>Room for a part.</summary>
    protected ByteWriter Part => part;

    /// <summary>Forgets everything.</summary>
    public virtual void Clear()
    {
        Series.Clear();
        (Samples, Histograms, Metadata, isOpen) = (0, 0, 0, false);
    }

    /// <summary>Begins a series.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="metadata">What is known of its family; null for nothing. Only the message of 2.0 has it here.</param>
    public void BeginSeries(LabelSet labels, MetricMetadata? metadata = null)
    {
        End();
        WriteHead(labels, metadata);
        isOpen = true;
    }

    /// <summary>Adds a sample to the series.</summary>
    /// <param name="timestampMs">Milliseconds since the epoch.</param>
    /// <param name="value">The value, bit for bit; also the staleness marker.</param>
    public void Add(long timestampMs, double value)
    {
        SeriesFields.WriteSample(Series, timestampMs, value, part);
        Samples++;
    }

    /// <summary>Adds a native histogram to the series.</summary>
    public void Add(HistogramSample histogram)
    {
        sample.Clear();
        SeriesFields.WriteHistogram(sample, histogram, part);
        Series.WriteMessage(histogramsField, sample);
        Histograms++;
    }

    /// <summary>The message in a snappy block: the body of a request, valid until the next call of any method.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        End();
        block.Clear();
        SnappyBlock.Encode(Compose(), block);
        return block.WrittenMemory;
    }

    /// <summary>Begins the message of a series in <see cref="Series"/>: its labels.</summary>
    protected abstract void WriteHead(LabelSet labels, MetricMetadata? metadata);

    /// <summary>Takes <see cref="Series"/>, which is whole, into the message.</summary>
    protected abstract void TakeSeries();

    /// <summary>The whole message.</summary>
    protected abstract ReadOnlySpan<byte> Compose();

    private void End()
    {
        if (isOpen)
        {
            TakeSeries();
            Series.Clear();
            isOpen = false;
        }
    }
}
