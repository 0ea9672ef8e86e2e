namespace Tributary.Api;

/// <summary>What this process received by remote write since it started.</summary>
/// <param name="Requests">Requests whose samples are stored, those among them included of which only parts are.</param>
/// <param name="Refused">Requests of which nothing is stored, because they are malformed or there is no memory.</param>
/// <param name="Failed">Requests that could not be put into the log.</param>
/// <param name="Samples">Float samples stored.</param>
/// <param name="Histograms">Native histograms stored.</param>
/// <param name="Exemplars">Exemplars received; none are stored.</param>
/// <param name="Bytes">Bytes of messages, decompressed.</param>
/// <param name="Series">Series that are known at this moment.</param>
/// <param name="Rejected">Samples that are not stored, by reason.</param>
public sealed record ReceiveTotals(
    long Requests,
    long Refused,
    long Failed,
    long Samples,
    long Histograms,
    long Exemplars,
    long Bytes,
    int Series,
    IReadOnlyList<(string Reason, long Samples)> Rejected
);
