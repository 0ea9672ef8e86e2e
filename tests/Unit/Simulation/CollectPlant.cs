using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A bug put in on purpose, from outside: around the ports of the production code, which itself has no switch for it.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed record CollectPlant(string Name)
{
    /// <summary>Everything as it is.</summary>
    public static readonly CollectPlant None = new("nothing");

    /// <summary>The store as the collectors see it.</summary>
    public Func<SimulatedInstance, IBlobStore> Writing { get; init; } = instance => instance.Blobs;

    /// <summary>The store as the compactor sees it.</summary>
    public Func<SimulatedInstance, IBlobStore> Sealing { get; init; } = instance => instance.Blobs;

    /// <summary>The store as those see it who only read.</summary>
    public Func<SimulatedInstance, IBlobStore> Reading { get; init; } = instance => instance.Blobs;

    /// <summary>Makes the names of a process' files; the number is the same in all lives of it.</summary>
    public Func<SimulatedInstance, int, Func<Ulid>> Names { get; init; } = (instance, _) => () => NewName(instance);

    /// <summary>The network as the collectors see it.</summary>
    public Func<SimulatedInstance, IReadOnlyDictionary<string, ModelSource>, HttpMessageInvoker> Http { get; init; } =
        (instance, sources) => new ModelHttp(instance, sources);

    /// <summary>Whether it shows only where batches take several appends.</summary>
    public bool NeedsSmallAppends { get; init; }

    /// <summary>Whether a reader decides about the batches of each file without knowing those of the others.</summary>
    public bool ReadsFilesApart { get; init; }

    public override string ToString() => Name;

    private static Ulid NewName(SimulatedInstance instance)
    {
        Span<byte> random = stackalloc byte[10];
        for (var i = 0; i < random.Length; i++)
        {
            random[i] = (byte)instance.World.Random.Next(256);
        }
        return Ulid.Create(instance.Time.GetUtcNow().ToUnixTimeMilliseconds(), random);
    }
}
