using Tributary.Jobs;
using Tributary.Model;

namespace Tributary.Functions.Hosting;

/// <summary>What <c>/api/v1/admin</c> does.</summary>
internal sealed record AdminActions
{
    /// <summary>Whether it is served.</summary>
    public Func<bool> IsEnabled { get; init; } = () => false;

    /// <summary>Deletes the samples in a range of the series that one of the selectors selects; they are gone when it ends.</summary>
    public Func<TimeRange, IReadOnlyList<string>, CancellationToken, Task> DeleteSeries { get; init; } =
        (_, _, _) => Task.CompletedTask;

    /// <summary>Writes blocks anew of which something is deleted.</summary>
    public Func<CancellationToken, Task> CleanTombstones { get; init; } = _ => Task.CompletedTask;

    /// <summary>Makes a snapshot, with or without what is in no block yet.</summary>
    public Func<bool, CancellationToken, Task<Snapshot>> Snapshot { get; init; } =
        (_, _) => Task.FromResult(new Snapshot("", []));
}
