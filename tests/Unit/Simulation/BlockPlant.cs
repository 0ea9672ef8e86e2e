using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A bug put in on purpose, from outside: around the ports of the production code, which itself has no switch for it.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed record BlockPlant(string Name)
{
    /// <summary>Everything as it is.</summary>
    public static readonly BlockPlant None = new("nothing");

    /// <summary>The stores as an instance sees them.</summary>
    public Func<SimulatedInstance, (IBlobStore Blobs, ITableStore Tables)> Stores { get; init; } =
        instance => (instance.Blobs, instance.Tables);

    public override string ToString() => Name;
}
