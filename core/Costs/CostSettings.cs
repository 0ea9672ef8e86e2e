namespace Tributary.Costs;

/// <summary>What the configuration says of costs.</summary>
public sealed record CostSettings
{
    /// <summary>The memory of the smallest instance, in MB.</summary>
    public const int DefaultMemoryMb = 512;

    /// <summary>The prices.</summary>
    public PriceTable Prices { get; init; } = PriceTable.Default;

    /// <summary>The memory of an instance of the function app, in MB.</summary>
    public int InstanceMemoryMb { get; init; } = DefaultMemoryMb;

    /// <summary>How many instances are always ready, by the job that runs on them.</summary>
    public IReadOnlyDictionary<string, int> AlwaysReady { get; init; } =
        new Dictionary<string, int>(StringComparer.Ordinal);
}
