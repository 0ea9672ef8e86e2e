using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Writes <c>io.prometheus.write.v2.Request</c>, the message of remote write 2.0.</summary>
/// <remarks>
/// Every text is written once, in a table whose first entry is the empty text. Samples get no start timestamps, because
/// none are stored. See <see href="https://buf.build/prometheus/prometheus/docs/main:io.prometheus.write.v2"/>.
/// </remarks>
internal sealed class WriteRequestV2Writer() : WriteMessage(histogramsField: 3)
{
    private readonly ByteWriter symbols = new(16 * 1024);
    private readonly ByteWriter message = new(64 * 1024);
    private readonly ByteWriter whole = new(64 * 1024);
    private readonly Dictionary<string, ulong> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<Label, (ulong Name, ulong Value)> labelNumbers = [];

    /// <inheritdoc/>
    public override string ContentType => WriteProtocol.ContentTypeV2;

    /// <inheritdoc/>
    public override string Version => WriteProtocol.VersionV2;

    /// <inheritdoc/>
    public override int Bytes => symbols.Length + message.Length + Series.Length;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        symbols.Clear();
        message.Clear();
        numbers.Clear();
        labelNumbers.Clear();
    }

    /// <inheritdoc/>
    protected override void WriteHead(LabelSet labels, MetricMetadata? metadata)
    {
        Part.Clear();
        foreach (var label in labels.Labels)
        {
            if (!labelNumbers.TryGetValue(label, out var pair))
            {
                labelNumbers.Add(label, pair = (NumberOf(label.Name), NumberOf(label.Value)));
            }
            Part.WriteUvarint(pair.Name);
            Part.WriteUvarint(pair.Value);
        }
        Series.WriteMessage(1, Part);
        if (metadata is not null)
        {
            Part.Clear();
            Part.WriteNumber(1, MetricTypeNumbers.NumberOf(metadata.Type));
            Part.WriteNumber(3, NumberOf(metadata.Help));
            Part.WriteNumber(4, NumberOf(metadata.Unit));
            Series.WriteMessage(5, Part);
            Metadata++;
        }
    }

    /// <inheritdoc/>
    protected override void TakeSeries() => message.WriteMessage(5, Series);

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Compose()
    {
        whole.Clear();
        if (numbers.Count == 0)
        {
            NumberOf("");
        }
        whole.WriteBytes(symbols.WrittenSpan);
        whole.WriteBytes(message.WrittenSpan);
        return whole.WrittenSpan;
    }

    private ulong NumberOf(string text)
    {
        if (numbers.Count == 0)
        {
            numbers.Add("", 0);
            symbols.WriteString(4, "");
        }
        if (!numbers.TryGetValue(text, out var number))
        {
            numbers.Add(text, number = (ulong)numbers.Count);
            symbols.WriteString(4, text);
        }
        return number;
    }
}
