using Tributary.Alerting;
using Tributary.Costs;
using Tributary.Exports;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Rules;
using Tributary.Stores;

namespace Tributary.Api;

/// <summary>Everything that <c>/metrics</c> says about us, read at one moment.</summary>
public sealed record OwnMetricsInput
{
    /// <summary>The version of this build.</summary>
    public required string Version { get; init; }

    /// <summary>The process.</summary>
    public required ProcessFigures Process { get; init; }

    /// <summary>How the configuration was loaded; null before it was.</summary>
    public ConfigStatus? Config { get; init; }

    /// <summary>One entry for each job.</summary>
    public IReadOnlyList<ScrapePoolStatus> Pools { get; init; } = [];

    /// <summary>One entry for each source.</summary>
    public IReadOnlyList<SourceTotals> Sources { get; init; } = [];

    /// <summary>One entry for each rule group.</summary>
    public IReadOnlyList<RuleGroupStatus> Rules { get; init; } = [];

    /// <summary>What others wrote to us; null when nobody can.</summary>
    public ReceiveTotals? Received { get; init; }

    /// <summary>Discovery of targets.</summary>
    public DiscoveryFigures Discovery { get; init; } = new();

    /// <summary>Alerts to each Alertmanager; null when no Alertmanager is configured.</summary>
    public IReadOnlyList<AlertmanagerFigures>? Alertmanagers { get; init; }

    /// <summary>One entry for each destination of remote write.</summary>
    public IReadOnlyList<DestinationFigures> RemoteWrite { get; init; } = [];

    /// <summary>What this process appended to the log.</summary>
    public LogTotals Log { get; init; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>The requests to the store; null when nothing counts them.</summary>
    public StoreOperations? Operations { get; init; }

    /// <summary>What was used, and by whom; null when nothing counts it.</summary>
    public IReadOnlyDictionary<Payer, Usage>? Usage { get; init; }

    /// <summary>The decoded part of the log.</summary>
    public HeadTotals Head { get; init; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Ticks of a source that more than one batch claimed.</summary>
    public long BatchConflicts { get; init; }

    /// <summary>Log files that do not follow the format.</summary>
    public int DamagedFiles { get; init; }

    /// <summary>One entry for each export that was looked at.</summary>
    public IReadOnlyList<ExportTotals> Exports { get; init; } = [];

    /// <summary>How often each job failed.</summary>
    public IReadOnlyDictionary<string, long> JobFailures { get; init; } = new Dictionary<string, long>();
}

/// <summary>What this process did with one source since it started.</summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Scrapes">Scrapes by verdict, indexed by the number of <see cref="Verdict"/>.</param>
/// <param name="Samples">Samples accepted.</param>
/// <param name="OutOfBounds">Samples dropped because they were too old or too far ahead.</param>
/// <param name="Duplicates">Samples dropped because the series had one at that timestamp.</param>
/// <param name="BodyBytes">Bytes received, after decompression.</param>
/// <param name="MissedTicks">Ticks without a batch, found at the next one, by the number of <see cref="MissReason"/>.</param>
public sealed record SourceTotals(
    string Source,
    IReadOnlyList<long> Scrapes,
    long Samples,
    long OutOfBounds,
    long Duplicates,
    long BodyBytes,
    IReadOnlyList<long> MissedTicks
);

/// <summary>What this process appended to the log since it started.</summary>
/// <param name="Appends">Appends that are known to be in.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Files">Log files begun.</param>
/// <param name="Samples">Samples acknowledged.</param>
/// <param name="Retries">Appends tried again.</param>
/// <param name="LostPlaces">Files left because the place at their end was lost.</param>
public sealed record LogTotals(long Appends, long Bytes, long Files, long Samples, long Retries, long LostPlaces);

/// <summary>The head.</summary>
/// <param name="Series">Series in it.</param>
/// <param name="Chunks">Chunks of all series.</param>
/// <param name="Bytes">Bytes of all chunks.</param>
/// <param name="Samples">Samples decoded or taken in since the start.</param>
/// <param name="Late">Samples that came after a newer one of their series.</param>
/// <param name="Conflicts">Samples that met another value at their time.</param>
public sealed record HeadTotals(long Series, long Chunks, long Bytes, long Samples, long Late, long Conflicts);
