using Tributary.Api;
using Tributary.Model;

namespace Tributary.Tests.Unit.Api;

/// <summary>Targets in every state.</summary>
internal static class Targets
{
    public static readonly TargetStatus Waiting = new()
    {
        Source = "self/0",
        ScrapePool = "self",
        ScrapeUrl = "http://127.0.0.1:19090/metrics",
        Labels = LabelSet.Of("instance", "127.0.0.1:19090", "job", "self"),
        DiscoveredLabels = LabelSet.Of("__address__", "127.0.0.1:19090", "job", "self"),
        Interval = "15s",
        Timeout = "10s",
    };

    public static readonly TargetStatus Up = Waiting with
    {
        Report = new ScrapeReport
        {
            Verdict = Verdict.Complete,
            StartedMs = 1_700_000_000_120,
            DurationSeconds = 0.0125,
        },
        LastScrapeMs = 1_700_000_000_120,
        NewestSampleMs = 1_700_000_000_000,
        Series = 1234,
    };

    public static readonly TargetStatus Down = Waiting with
    {
        ScrapePool = "<b>&",
        ScrapeUrl = "http://x/?a=\"<script>\"",
        Report = new ScrapeReport
        {
            Verdict = Verdict.Failed,
            StartedMs = 1_700_000_001_000,
            Error = "<script>alert('no')</script>",
        },
        LastScrapeMs = 1_700_000_001_000,
    };
}
