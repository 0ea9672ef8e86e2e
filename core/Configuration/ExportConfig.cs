using Tributary.Configuration.Http;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>One entry of <c>tributary.exports</c>: what is written where, and when.</summary>
/// <param name="Name">The name, unique in the file.</param>
public sealed record ExportConfig(string Name)
{
    /// <summary>How long after its time a run waits for what is not collected yet, when nothing is said.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(15);

    /// <summary>Runs that were missed are made up for so far back, when nothing is said.</summary>
    public static readonly TimeSpan DefaultCatchUp = TimeSpan.FromDays(7);

    /// <summary>From one moment of a query to the next, when nothing is said.</summary>
    public static readonly TimeSpan DefaultStep = TimeSpan.FromMinutes(1);

    /// <summary>When it runs.</summary>
    public required ExportSchedule Schedule { get; init; }

    /// <summary>The query; empty when raw samples are exported.</summary>
    public string Query { get; init; } = "";

    /// <summary>The selectors of raw samples as they are written; empty when a query is exported.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>What the query or the selectors select.</summary>
    public IReadOnlyList<VectorSelector> Selectors { get; init; } = [];

    /// <summary>What is exported: later than the scheduled time less this, and not later than it. Zero: the query at that moment.</summary>
    public TimeSpan Range { get; init; }

    /// <summary>How far before a moment the query looks, at the most.</summary>
    public TimeSpan LookBack { get; init; }

    /// <summary>From one moment of the query to the next, backwards from the scheduled time.</summary>
    public TimeSpan Step { get; init; } = DefaultStep;

    /// <summary>Whether the query depends on where its range begins or ends, so that it cannot be cut: <c>@ start()</c>.</summary>
    public bool IsWhole { get; init; }

    /// <summary>What is written.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Csv;

    /// <summary>Whether it is compressed by gzip.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Where it goes.</summary>
    public required ExportDestination Destination { get; init; }

    /// <summary>How a web server is asked.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;

    /// <summary>What is older is removed; null keeps everything.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How long after its time a run waits for what is not collected yet.</summary>
    public TimeSpan Wait { get; init; } = DefaultWait;

    /// <summary>Runs that were missed are made up for so far back.</summary>
    public TimeSpan CatchUp { get; init; } = DefaultCatchUp;
}

/// <summary>What an export writes.</summary>
public enum ExportFormat
{
    /// <summary>Rows with a column for each label.</summary>
    Csv,

    /// <summary>A JSON object a line.</summary>
    Ndjson,

    /// <summary>OpenMetrics 1.0 with timestamps.</summary>
    OpenMetrics,

    /// <summary>A TSDB block.</summary>
    PrometheusBlocks,
}
