using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Where the readers put what one request holds.</summary>
/// <param name="Samples">Gets the samples, behind those of other requests.</param>
/// <param name="Tally">Counts what is stored and what is not.</param>
/// <param name="Metadata">Gets what is said of families and was not known.</param>
/// <param name="MinMs">Older samples are not accepted, milliseconds since the epoch.</param>
/// <param name="MaxMs">Nor are later ones.</param>
internal sealed record WriteIntake(
    ReceivedSamples Samples,
    WriteTally Tally,
    List<MetricMetadata> Metadata,
    long MinMs,
    long MaxMs
)
{
    /// <summary>How many samples other requests have before those of this one.</summary>
    public int First { get; } = Samples.Count;
}
