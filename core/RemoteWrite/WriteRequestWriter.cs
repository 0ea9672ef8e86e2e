using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Writes <c>prometheus.WriteRequest</c>, the message of remote write 1.0.</summary>
/// <remarks>See <see href="https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto"/>.</remarks>
internal sealed class WriteRequestWriter() : WriteMessage(histogramsField: 4)
{
    private readonly ByteWriter message = new(64 * 1024);

    /// <inheritdoc/>
    public override string ContentType => WriteProtocol.MediaType;

    /// <inheritdoc/>
    public override string Version => WriteProtocol.VersionV1;

    /// <inheritdoc/>
    public override int Bytes => message.Length + Series.Length;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        message.Clear();
    }

    /// <summary>Adds what is known of a family; it is no part of a series.</summary>
    public void Add(MetricMetadata family)
    {
        // A series may be open: this one is written with room of its own.
        var entry = new ByteWriter();
        entry.WriteNumber(1, MetricTypeNumbers.NumberOf(family.Type));
        entry.WriteString(2, family.Family);
        entry.WriteString(4, family.Help);
        entry.WriteString(5, family.Unit);
        message.WriteMessage(3, entry);
        Metadata++;
    }

    /// <inheritdoc/>
    protected override void WriteHead(LabelSet labels, MetricMetadata? metadata) =>
        SeriesFields.WriteLabels(Series, labels, Part);

    /// <inheritdoc/>
    protected override void TakeSeries() => message.WriteMessage(1, Series);

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Compose() => message.WrittenSpan;
}
