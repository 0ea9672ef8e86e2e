namespace Tributary.Benchmarks.Processes;

/// <summary>What a server says about its own work, at one moment.</summary>
/// <param name="Samples">Samples stored since the start.</param>
/// <param name="LogBytes">Bytes in its log.</param>
/// <param name="Operations">Requests to its store by class; empty for a server without one.</param>
internal sealed record ServerCounters(double Samples, double LogBytes, IReadOnlyDictionary<string, double> Operations);
