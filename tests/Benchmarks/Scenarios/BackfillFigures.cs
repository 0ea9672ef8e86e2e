namespace Tributary.Benchmarks.Scenarios;

/// <summary>What came of filling an hour of one source.</summary>
/// <param name="Seconds">From the start of the process until the ledger says that the hour is filled.</param>
/// <param name="CpuSeconds">CPU of our process until then.</param>
/// <param name="Stored">Samples in the log then, by those of the source.</param>
/// <param name="MostDelaySeconds">By how much the longest way from one live pull to the next was longer than the interval.</param>
internal sealed record BackfillFigures(double Seconds, double CpuSeconds, double Stored, double MostDelaySeconds);
