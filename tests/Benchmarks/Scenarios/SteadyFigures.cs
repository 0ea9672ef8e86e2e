namespace Tributary.Benchmarks.Scenarios;

/// <summary>What one server did while it collected, and how it then answered.</summary>
internal sealed record SteadyFigures
{
    public required double CpuSeconds { get; init; }

    public required double Seconds { get; init; }

    public required double Samples { get; init; }

    public required long ResidentBytes { get; init; }

    public required long PeakBytes { get; init; }

    public required double LogBytes { get; init; }

    public required long Scrapes { get; init; }

    public required IReadOnlyDictionary<string, double> Operations { get; init; }

    /// <summary>Whether a window of two hours ended meanwhile, which costs new files.</summary>
    public required bool CrossedWindow { get; init; }

    /// <summary>How many samples the sources offered.</summary>
    public required double Offered { get; init; }

    public required FederateReading All { get; init; }

    public required FederateReading Compressed { get; init; }

    public required FederateReading Jobs { get; init; }

    public double CpuPerMillion => CpuSeconds / (Samples / 1e6);

    public double LogBytesPerSample => LogBytes / Samples;
}
