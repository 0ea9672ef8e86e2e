using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Writes one <c>/federate</c> answer in text format 0.0.4 or 1.0.0, piece by piece.</summary>
/// <remarks>
/// A piece is at most <see cref="PieceBytes"/> (unless one line is longer), the first is small so that the first byte
/// leaves at once. Between pieces the caller flushes. Nothing is allocated per series: sorted neighbours share most of
/// their labels, so a line is mostly a copy of the line before. See
/// <see href="https://prometheus.io/docs/prometheus/latest/federation/"/>.
/// </remarks>
/// <param name="samples">Sorted by metric name, then labels; without staleness markers.</param>
/// <param name="external">What is added to series that lack it, and how names that are not legacy ones are written.</param>
/// <param name="metadata">The types and help texts to show; without it every metric name is an untyped family.</param>
public sealed class FederationWriter(
    IReadOnlyList<LatestSample> samples,
    ExternalLabels external,
    FamilyMetadata? metadata = null
)
{
    /// <summary>The size of a piece, in bytes.</summary>
    public const int PieceBytes = 256 * 1024;

    /// <summary>The size of the first piece, in bytes.</summary>
    public const int FirstPieceBytes = 16 * 1024;

    private readonly IReadOnlyList<LatestSample> samples = metadata is null ? samples : metadata.Group(samples);
    private readonly FederatedLabels labelWriter = new(external);
    private readonly FederatedHistogram histogramWriter = new(external);
    private readonly byte[] timestampText = new byte[32];
    private int timestampLength;
    private long timestampMs;
    private int next;
    private int pieceBytes = FirstPieceBytes;
    private Label? family;
    private bool isHistogramFamily;

    /// <summary>What stands before the labels when it is not the name as it is: escaped, or in the braces in quotes.</summary>
    private byte[]? writtenName;

    /// <summary>The family whose head was written last, when there is metadata.</summary>
    private string? header;

    private static ReadOnlySpan<byte> NamePrefix => "__name__=\""u8;

    /// <summary>Whether everything has been written.</summary>
    public bool IsEnded => next == samples.Count;

    /// <summary>Writes the next piece; false when everything had been written before.</summary>
    public bool WritePiece(IBufferWriter<byte> output)
    {
        var used = 0;
        while (next < samples.Count && used == 0)
        {
            used = FillPiece(output.GetSpan(pieceBytes)[..pieceBytes]);
            output.Advance(used);
            pieceBytes = used == 0 ? checked(pieceBytes * 2) : PieceBytes;
        }
        return used > 0;
    }

    private int FillPiece(Span<byte> piece)
    {
        labelWriter.Forget();
        var used = 0;
        for (; next < samples.Count; next++)
        {
            var line = new TextLine(piece, used);
            var before = (family, isHistogramFamily, writtenName, header);
            WriteSeries(samples[next], ref line);
            if (line.Overflowed)
            {
                (family, isHistogramFamily, writtenName, header) = before;
                break;
            }
            used = line.Length;
        }
        return used;
    }

    /// <summary>Optimised at its first call: an instance that has just started serves its first answer here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteSeries(LatestSample sample, ref TextLine line)
    {
        var labels = sample.Labels.Labels;
        var nameAt = FindName(labels);
        // Only protobuf has native histograms; those with custom buckets are classic ones in text.
        var isHistogram = sample.Histogram is not null;
        if (nameAt < 0 || sample.Histogram?.Layout.IsCustom == false)
        {
            return;
        }
        if (!labels[nameAt].Equals(family) || isHistogram != isHistogramFamily)
        {
            isHistogramFamily = isHistogram;
            BeginName(labels[nameAt], ref line);
        }
        if (isHistogram)
        {
            line.Write(histogramWriter.Lines(sample));
            labelWriter.Forget();
            return;
        }
        line.Write(writtenName ?? PlainName(family!));
        labelWriter.Write(sample.Labels, labels[nameAt], ref line);
        line.Write(" "u8);
        line.Write(sample.Value);
        line.Write(TimestampText(sample.TimestampMs));
    }

    private int FindName(ReadOnlySpan<Label> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (ReferenceEquals(labels[i], family) || labels[i].Text.StartsWith(NamePrefix))
            {
                return i;
            }
        }
        return -1;
    }

    private void BeginName(Label name, ref TextLine line)
    {
        family = name;
        var isPlain = MetricNames.IsLegacyMetricName(PlainName(name));
        var isInside = !isPlain && external.Escaping is NameEscapingScheme.AllowUtf8;
        labelWriter.BeginName(isInside);
        writtenName =
            isPlain ? null
            : isInside ? [(byte)'{', .. NameText(name.Value)]
            : NameText(name.Value);
        if (metadata is not null)
        {
            WriteHeader(metadata.Find(name.Value), ref line);
            return;
        }
        line.Write("# TYPE "u8);
        line.Write(isPlain ? PlainName(name) : writtenName.AsSpan(isInside ? 1 : 0));
        line.Write(isHistogramFamily ? " histogram\n"u8 : " untyped\n"u8);
    }

    private void WriteHeader(FamilyHeader found, ref TextLine line)
    {
        if (string.Equals(found.Name, header, StringComparison.Ordinal))
        {
            return;
        }
        header = found.Name;
        var name = NameText(found.Name);
        if (found.Help.Length > 0)
        {
            line.Write("# HELP "u8);
            line.Write(name);
            line.Write((byte)' ', Encoding.UTF8.GetBytes(TextFormatWriter.EscapeHelp(found.Help)));
            line.Write("\n"u8);
        }
        line.Write("# TYPE "u8);
        line.Write(name);
        line.Write((byte)' ', Encoding.UTF8.GetBytes(found.Type));
        line.Write("\n"u8);
    }

    /// <summary>A metric name as it stands outside of braces, or in quotes when it is not a legacy one and may be.</summary>
    private byte[] NameText(string name)
    {
        var plain = Encoding.UTF8.GetBytes(name);
        return MetricNames.IsLegacyMetricName(plain) ? plain
            : external.Escaping is NameEscapingScheme.AllowUtf8 ? LabelText.Quote(name)
            : Encoding.UTF8.GetBytes(MetricNames.Escape(name, external.Escaping));
    }

    /// <summary>A plain name stands unescaped between the quotes of its label.</summary>
    private static ReadOnlySpan<byte> PlainName(Label name) => name.Text[NamePrefix.Length..^1];

    private ReadOnlySpan<byte> TimestampText(long timestamp)
    {
        if (timestampLength == 0 || timestamp != timestampMs)
        {
            var text = new TextLine(timestampText, 0);
            text.Write(" "u8);
            text.Write(timestamp);
            text.Write("\n"u8);
            timestampLength = text.Length;
            timestampMs = timestamp;
        }
        return timestampText.AsSpan(0, timestampLength);
    }
}
