namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a storage account holds; any number of handles look at it.</summary>
/// <param name="clock">The store's clock.</param>
internal sealed class SimulatedStorage(TimeProvider clock)
{
    private readonly Lock gate = new();

    public SimulatedBlobs Blobs { get; } = new(clock);

    public SimulatedTables Tables { get; } = new(clock);

    /// <summary>Entries of one page of a list or query; each page is an operation of its own.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>A handle whose operations are done at once, on the caller's thread; for tests without a simulation.</summary>
    public SimulatedBlobStore ImmediateBlobs() => new(this, new ImmediateLink(gate));

    /// <summary>A handle whose operations are done at once, on the caller's thread; for tests without a simulation.</summary>
    public SimulatedTableStore ImmediateTables() => new(this, new ImmediateLink(gate));
}
