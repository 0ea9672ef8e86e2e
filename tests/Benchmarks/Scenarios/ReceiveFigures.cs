namespace Tributary.Benchmarks.Scenarios;

/// <summary>What a server did while it received remote write.</summary>
/// <param name="CpuSeconds">CPU of the whole process.</param>
/// <param name="Samples">Samples that it says it stored.</param>
/// <param name="Offered">Samples that it was sent.</param>
/// <param name="LogBytes">By how much its log grew.</param>
internal sealed record ReceiveFigures(double CpuSeconds, double Samples, double Offered, double LogBytes)
{
    public double CpuPerMillion => CpuSeconds / (Samples / 1e6);
}
