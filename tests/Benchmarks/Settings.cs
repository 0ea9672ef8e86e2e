namespace Tributary.Benchmarks;

/// <summary>How long and how large a run is.</summary>
internal sealed record Settings
{
    public string Prometheus { get; init; } = "/usr/bin/prometheus";

    /// <summary>The path of our executable; null: publish it first.</summary>
    public string? Tributary { get; init; }

    /// <summary>Measure a second Prometheus in our place: a test of the harness.</summary>
    public bool StandIn { get; init; }

    /// <summary>Measure Prometheus alone.</summary>
    public bool PrometheusOnly { get; init; }

    public int Sources { get; init; } = 10;

    public int Series { get; init; } = 10_000;

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(45);

    public TimeSpan Measure { get; init; } = TimeSpan.FromSeconds(150);

    public int ParseSeries { get; init; } = 163_000;

    public TimeSpan ParseInterval { get; init; } = TimeSpan.FromSeconds(10);

    public int ParseScrapes { get; init; } = 12;

    public int HistorySeries { get; init; } = 10_000;

    public TimeSpan HistoryRange { get; init; } = TimeSpan.FromHours(2);

    public TimeSpan HistoryStep { get; init; } = TimeSpan.FromSeconds(15);

    public int Starts { get; init; } = 7;

    /// <summary>How many days of blocks a start finds.</summary>
    public int BlockDays { get; init; } = 30;

    /// <summary>Of so many series.</summary>
    public int BlockSeries { get; init; } = 1000;

    public int Repetitions { get; init; } = 9;

    /// <summary>How long several clients ask at once.</summary>
    public TimeSpan Clients { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The same run, shorter: for a look, not for a claim.</summary>
    public Settings Quick() =>
        this with
        {
            WarmUp = TimeSpan.FromSeconds(15),
            Measure = TimeSpan.FromSeconds(30),
            ParseInterval = TimeSpan.FromSeconds(5),
            ParseScrapes = 4,
            Starts = 3,
            BlockSeries = 200,
            Clients = TimeSpan.FromSeconds(5),
        };
}
