using Tributary.Discovery;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>What a source gave at one tick.</summary>
/// <param name="Batch">What is to be stored; its columns are valid until the source's next turn.</param>
/// <param name="Memory">What is to be remembered, once the batch is in the log.</param>
public sealed record Collected(Batch Batch, SourceMemory Memory)
{
    /// <summary>
    /// Whether it was a pull: then <see cref="SourceMemory.CompleteUntilMs"/> of the memory says how far it came, else that
    /// is the tick, when the verdict is complete.
    /// </summary>
    public bool IsPulled { get; init; }

    /// <summary>The batches that go into the log for it.</summary>
    /// <remarks>
    /// Of two batches of one tick only one counts. Pulls of one tick may differ in what they bring, and a cursor stands for
    /// all of it: so their samples have names of their own, and only the report competes.
    /// </remarks>
    /// <param name="process">What tells the process from others, and from what it was before an append failed.</param>
    public IReadOnlyList<Batch> StoredBy(uint process)
    {
        if (!IsPulled || Batch.Scraped.Count == 0)
        {
            return [Batch];
        }
        var nothing = new SampleColumns(SeriesList.Empty, default, default);
        return
        [
            Batch with
            {
                Scraped = nothing,
            },
            Batch with
            {
                Source = SourceKey.PullOf(Batch.Source, process),
                Report = Batch.Report with { Markers = 0, Missed = null },
                Added = nothing,
                Metadata = [],
            },
        ];
    }

    /// <summary>Intervals of which something is missing for certain, to be kept with the memory.</summary>
    public IReadOnlyList<FoundGap> Gaps { get; init; } = [];

    /// <summary>The replicas that were asked; empty for a source without replicas.</summary>
    public IReadOnlyList<AskedReplica> Asked { get; init; } = [];
}
