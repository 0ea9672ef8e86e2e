using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A bug put in on purpose into pulling, around the ports of the production code.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed record PullPlant(string Name)
{
    /// <summary>Everything as it is.</summary>
    public static readonly PullPlant None = new("nothing");

    /// <summary>The blobs as the collectors see them.</summary>
    public Func<PullScenario, SimulatedInstance, IBlobStore> Blobs { get; init; } = (_, instance) => instance.Blobs;

    /// <summary>The tables as the collectors see them.</summary>
    public Func<PullScenario, SimulatedInstance, ITableStore> Tables { get; init; } = (_, instance) => instance.Tables;

    /// <summary>What becomes of an answer on its way.</summary>
    public Func<ModelPrometheus, HttpRequestMessage, ModelAnswer, ModelAnswer>? Edit { get; init; }

    public override string ToString() => Name;
}
