using Tributary.Api;
using Tributary.RemoteWrite;

namespace Tributary.Jobs;

/// <summary>Counts what is received. Safe for several threads.</summary>
internal sealed class ReceiveCounts
{
    private static readonly string[] Reasons =
    [
        "invalid_labels",
        "refused_labels",
        "bad_reference",
        "no_samples",
        "too_old",
        "too_far_ahead",
        "invalid_histogram",
    ];

    private readonly Lock gate = new();
    private readonly long[] rejected = new long[Reasons.Length];
    private long requests;
    private long refused;
    private long failed;
    private long samples;
    private long histograms;
    private long exemplars;
    private long bytes;

    /// <summary>A request that is stored, as far as its tally says so.</summary>
    public void Add(WriteTally tally, int messageBytes)
    {
        lock (gate)
        {
            requests++;
            samples += tally.Samples;
            histograms += tally.Histograms;
            exemplars += tally.Exemplars;
            bytes += messageBytes;
            for (var i = 0; i < rejected.Length; i++)
            {
                rejected[i] += tally.CountOf((WriteProblem)i);
            }
        }
    }

    /// <summary>A request that is not taken.</summary>
    public void Refuse()
    {
        lock (gate)
        {
            refused++;
        }
    }

    /// <summary>A request that is not known to be in the log.</summary>
    public void Fail()
    {
        lock (gate)
        {
            failed++;
        }
    }

    /// <summary>All so far.</summary>
    public ReceiveTotals Totals(int series)
    {
        lock (gate)
        {
            return new ReceiveTotals(
                requests,
                refused,
                failed,
                samples,
                histograms,
                exemplars,
                bytes,
                series,
                [.. Reasons.Select((reason, i) => (reason, rejected[i]))]
            );
        }
    }
}
