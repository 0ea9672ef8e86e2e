namespace Tributary.Costs;

/// <summary>
/// What things cost, and how much of each is free in a month. The defaults are list prices in US dollars, before tax, of a
/// region like East US, locally redundant storage in the hot tier, as of <see cref="DefaultsAsOf"/>.
/// </summary>
/// <remarks>
/// Storage and traffic: 1 GB = 2^30 bytes. Logs: 1 GB = 10^9 bytes. Memory: 512 MB = 0.5 GB. A month has 730 hours.
/// </remarks>
public sealed record PriceTable
{
    /// <summary>When the defaults were the list prices.</summary>
    public static readonly DateOnly DefaultsAsOf = new(2026, 11, 1);

    /// <summary>The defaults.</summary>
    public static readonly PriceTable Default = new();

    /// <summary>What the prices are in.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>When these prices held.</summary>
    public DateOnly AsOf { get; init; } = DefaultsAsOf;

    /// <summary>10,000 writes of blobs: create, write, piece, commit, append, seal.</summary>
    public double BlobWritesPer10k { get; init; } = 0.055;

    /// <summary>10,000 lists of blobs, and creations of containers.</summary>
    public double BlobListsPer10k { get; init; } = 0.055;

    /// <summary>10,000 reads of blobs.</summary>
    public double BlobReadsPer10k { get; init; } = 0.0044;

    /// <summary>10,000 other operations of blobs: leases. (Deletes are free.)</summary>
    public double BlobOthersPer10k { get; init; } = 0.0044;

    /// <summary>10,000 operations of tables.</summary>
    public double TableOperationsPer10k { get; init; } = 0.00036;

    /// <summary>A GB of blobs for a month.</summary>
    public double BlobGbMonth { get; init; } = 0.0208;

    /// <summary>A GB of tables for a month.</summary>
    public double TableGbMonth { get; init; } = 0.045;

    /// <summary>A million invocations.</summary>
    public double ExecutionsPerMillion { get; init; } = 0.40;

    /// <summary>Invocations on demand that are free in a month.</summary>
    public double FreeExecutions { get; init; } = 250_000;

    /// <summary>A GB-second on demand.</summary>
    public double OnDemandGbSecond { get; init; } = 0.000026;

    /// <summary>GB-seconds on demand that are free in a month.</summary>
    public double FreeGbSeconds { get; init; } = 100_000;

    /// <summary>A GB-second of an invocation on an instance that is always ready.</summary>
    public double AlwaysReadyGbSecond { get; init; } = 0.000016;

    /// <summary>A GB-second of an instance that is kept ready.</summary>
    public double BaselineGbSecond { get; init; } = 0.000004;

    /// <summary>A GB that is sent out of the region.</summary>
    public double EgressGb { get; init; } = 0.087;

    /// <summary>GB sent out of the region that are free in a month.</summary>
    public double FreeEgressGb { get; init; } = 100;

    /// <summary>A GB of logs taken in.</summary>
    public double LogGb { get; init; } = 2.30;

    /// <summary>GB of logs that are free in a month.</summary>
    public double FreeLogGb { get; init; } = 5;
}
