namespace Tributary.Benchmarks.Scenarios;

/// <summary>What a minute of all sources takes in one mode.</summary>
/// <param name="CpuSeconds">Of our process.</param>
/// <param name="SourceCpuSeconds">Of the source.</param>
/// <param name="BusySeconds">From the first request to the log, waiting for the next tick not counted.</param>
/// <param name="Requests">Requests.</param>
/// <param name="Bytes">Bytes of the answers, decompressed.</param>
/// <param name="Samples">Samples that came.</param>
internal sealed record PullFigures(
    double CpuSeconds,
    double SourceCpuSeconds,
    double BusySeconds,
    double Requests,
    double Bytes,
    double Samples
);
