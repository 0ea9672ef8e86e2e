namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>A team whose bill docs/cost.md shows.</summary>
/// <param name="Name">What the page calls it.</param>
/// <param name="Clusters">The sources.</param>
/// <param name="SeriesPerCluster">Federated series of each.</param>
/// <param name="EverySeconds">From sample to sample.</param>
internal sealed record ReferenceTeam(string Name, int Clusters, int SeriesPerCluster, int EverySeconds)
{
    /// <summary>The teams of the page.</summary>
    public static readonly ReferenceTeam One = new("1", 3, 2_000, 15) { IsReady = true };
    public static readonly ReferenceTeam OnePulled = One with
    {
        Name = "1, pulled once a minute",
        CalledEverySeconds = 60,
        IsPulled = true,
        IsReady = false,
    };
    public static readonly ReferenceTeam Two = new("2", 5, 5_000, 60);
    public static readonly ReferenceTeam TwoOften = Two with
    {
        Name = "2 at 15 s",
        EverySeconds = 15,
        CalledEverySeconds = 15,
        IsReady = true,
    };
    public static readonly ReferenceTeam TwoPulled = Two with
    {
        Name = "2 at 15 s, pulled once a minute",
        EverySeconds = 15,
        IsPulled = true,
    };
    public static readonly ReferenceTeam TwoApart = Two with { Name = "2, Evaluate by itself", IsShared = false };
    public static readonly ReferenceTeam TwoWithoutExports = Two with
    {
        Name = "2, without exports",
        HasExport = false,
    };
    public static readonly ReferenceTeam Three = new("3", 20, 20_000, 60) { InstanceMb = 2048 };

    /// <summary>How often Collect is called.</summary>
    public int CalledEverySeconds { get; init; } = EverySeconds;

    /// <summary>Whether samples are pulled, all since the call before, instead of the newest.</summary>
    public bool IsPulled { get; init; }

    /// <summary>Whether Collect has an instance that is always ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether rules are evaluated at the end of Collect's invocations, instead of in their own.</summary>
    public bool IsShared { get; init; } = true;

    /// <summary>Whether Export is called every five minutes, as <c>bicep/</c> has it, instead of being switched off.</summary>
    public bool HasExport { get; init; } = true;

    /// <summary>The memory of an instance.</summary>
    public int InstanceMb { get; init; } = 512;

    /// <summary>Series of all clusters.</summary>
    public int Series => Clusters * SeriesPerCluster;
}
