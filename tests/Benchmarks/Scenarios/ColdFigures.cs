namespace Tributary.Benchmarks.Scenarios;

/// <summary>Starts over the same data: each question is the first one of processes of its own.</summary>
/// <param name="Federate">The first question is `/federate`.</param>
/// <param name="Query">It is `/api/v1/query`.</param>
/// <param name="IdleBytes">Resident some seconds after one process has answered both.</param>
internal sealed record ColdFigures(ColdAnswer Federate, ColdAnswer Query, double IdleBytes);

/// <summary>Medians of some starts.</summary>
/// <param name="FirstMs">From before the process was started to its first good answer.</param>
/// <param name="SlowestMs">The slowest of these.</param>
/// <param name="CpuMs">CPU time of the process until then.</param>
internal sealed record ColdAnswer(double FirstMs, double SlowestMs, double CpuMs);
