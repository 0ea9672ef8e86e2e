using System.Buffers;
using System.Runtime.InteropServices;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Writes one <c>/federate</c> answer in delimited protobuf, the one format with native histograms.</summary>
/// <remarks>
/// As upstream a family holds floats, or histograms, or gauge histograms; further ones of its name follow it. One that
/// grows beyond <see cref="FamilyBytes"/> is ended, and goes on in another of the same name: an answer needs no memory for
/// its largest family.
/// </remarks>
/// <param name="samples">Sorted by metric name, then labels; without staleness markers.</param>
/// <param name="external">What is added to series that lack it, and how names that are not legacy ones are written.</param>
/// <param name="metadata">
/// The types and help texts to show: floats are counters, gauges or untyped then. The series of a classic histogram or of a
/// summary stay families of their own, because the format has these only whole.
/// </param>
public sealed class ProtobufFederationWriter(
    IReadOnlyList<LatestSample> samples,
    ExternalLabels external,
    FamilyMetadata? metadata = null
)
{
    /// <summary>The size at which a family is ended, in bytes.</summary>
    public const int FamilyBytes = 64 * 1024;

    private readonly ProtobufWriter writer = new();
    private int next;

    /// <summary>Whether everything has been written.</summary>
    public bool IsEnded => next == samples.Count;

    /// <summary>Writes the next families, about <see cref="FamilyBytes"/>; false when everything had been written before.</summary>
    public bool WritePiece(IBufferWriter<byte> output)
    {
        var used = 0;
        while (used < FamilyBytes && WriteFamily(output) is > 0 and var length)
        {
            used += length;
        }
        return used > 0;
    }

    /// <summary>Writes a family, and returns its bytes; 0 when there is none.</summary>
    private int WriteFamily(IBufferWriter<byte> output)
    {
        string? family = null;
        Histogram? like = null;
        var type = FamilyType.Untyped;
        for (; next < samples.Count; next++)
        {
            var sample = samples[next];
            var pairs = FederatedPairs.Of(sample.Labels, external, out var name);
            if (name.Length == 0)
            {
                continue;
            }
            if (family is null)
            {
                (family, like) = (name, sample.Histogram);
                type = Begin(name, like);
            }
            else if (
                !string.Equals(name, family, StringComparison.Ordinal)
                || KindOf(sample.Histogram) != KindOf(like)
                || writer.FamilyBytes >= FamilyBytes
            )
            {
                break;
            }
            if (sample.Histogram is null)
            {
                writer.WriteMetric(CollectionsMarshal.AsSpan(pairs), type, sample.Value, sample.TimestampMs);
            }
            else
            {
                writer.WriteMetric(pairs, sample);
            }
        }
        if (family is null)
        {
            return 0;
        }
        var message = writer.EndFamily();
        // A response's writer may have no room left, and makes some only when it is told how much.
        message.CopyTo(output.GetSpan(message.Length));
        output.Advance(message.Length);
        return message.Length;
    }

    private FamilyType Begin(string name, Histogram? like)
    {
        var found = metadata?.Find(name);
        if (like is not null)
        {
            writer.BeginFamily(Shown(name), like, found?.Help ?? "");
            return FamilyType.Histogram;
        }
        var type = ProtobufMetricsWriter.TypeOf(found?.Type ?? "");
        writer.BeginFamily(Shown(name), type, found?.Help ?? "");
        return type;
    }

    private string Shown(string name) =>
        external.Escaping is NameEscapingScheme.AllowUtf8 || MetricNames.IsLegacyMetricName(name)
            ? name
            : MetricNames.Escape(name, external.Escaping);

    /// <summary>0 for a float, 1 for a histogram, 2 for a gauge histogram.</summary>
    private static int KindOf(Histogram? histogram) =>
        histogram is null ? 0
        : histogram.Hint is CounterResetHint.Gauge ? 2
        : 1;
}
