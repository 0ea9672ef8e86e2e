using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>What was pulled of a range of the past.</summary>
/// <param name="Samples">All samples of (from, <paramref name="ReachedMs"/>]; the columns are valid until the next pull with the same state.</param>
/// <param name="Markers">The source's own staleness markers of that time, where the mode brings them.</param>
/// <param name="ReachedMs">Up to here everything is in; the beginning of the range when nothing is, its end when all is.</param>
/// <param name="Memory">What is to be remembered of the source: which mode works. Cursor and watermark are as they were.</param>
public sealed record PulledRange(SampleColumns Samples, SampleColumns Markers, long ReachedMs, SourceMemory Memory)
{
    /// <summary>Why it did not come further, without secrets; empty when it did, or when the limit of samples was reached.</summary>
    public string Error { get; init; } = "";

    /// <summary>Why no pull can fill it, whenever it is tried; empty when one can.</summary>
    public string Unfillable { get; init; } = "";

    /// <summary>The source is to be left alone until then, milliseconds since the epoch: a pull before is answered without a request.</summary>
    public long NotBeforeMs { get; init; }

    /// <summary>The size of the answers after decompression, in bytes.</summary>
    public long BodyBytes { get; init; }
}
