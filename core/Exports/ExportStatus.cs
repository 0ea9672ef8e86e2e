using Tributary.Configuration;

namespace Tributary.Exports;

/// <summary>An export and its runs.</summary>
/// <param name="Config">The export.</param>
/// <param name="NextMs">When it runs next, milliseconds since the epoch; null when never.</param>
/// <param name="Runs">Its last runs, by time.</param>
public sealed record ExportStatus(ExportConfig Config, long? NextMs, IReadOnlyList<ExportRow> Runs);

/// <summary>What this process has exported since it started.</summary>
/// <param name="Export">The export.</param>
/// <param name="Complete">Runs that have everything.</param>
/// <param name="Incomplete">Runs with something missing.</param>
/// <param name="Failed">Runs that failed.</param>
/// <param name="Rows">Rows of all outputs.</param>
/// <param name="Bytes">Bytes of all outputs.</param>
/// <param name="LastTimeMs">The latest scheduled time of a run that has everything; 0 without one.</param>
/// <param name="OpenSinceMs">The scheduled time of the oldest run that is to be done, or is incomplete; 0 when there is none.</param>
public sealed record ExportTotals(
    string Export,
    long Complete = 0,
    long Incomplete = 0,
    long Failed = 0,
    long Rows = 0,
    long Bytes = 0,
    long LastTimeMs = 0,
    long OpenSinceMs = 0
);
