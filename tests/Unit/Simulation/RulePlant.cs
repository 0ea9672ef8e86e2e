using Tributary.Rules;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A bug put in on purpose into the evaluation of rules, around the ports of the production code.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed record RulePlant(string Name)
{
    /// <summary>Everything as it is.</summary>
    public static readonly RulePlant None = new("nothing");

    /// <summary>The blobs as the evaluators see them.</summary>
    public Func<SimulatedInstance, IBlobStore> Blobs { get; init; } = instance => instance.Blobs;

    /// <summary>Which alerts that are handed over arrive.</summary>
    public Func<FiringAlert, bool> Arrives { get; init; } = _ => true;

    /// <summary>Whether a process takes in the batches of others.</summary>
    public bool TakesBatches { get; init; } = true;

    public override string ToString() => Name;
}
