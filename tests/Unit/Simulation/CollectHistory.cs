using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What the checker holds the log against: what was acknowledged to whom, what was sealed, what was sent.</summary>
internal sealed class CollectHistory
{
    private readonly List<AcknowledgedBatch> acknowledged = [];
    private readonly Dictionary<string, long> sealedLengths = new(StringComparer.Ordinal);

    public IReadOnlyList<AcknowledgedBatch> Acknowledged => acknowledged;

    /// <summary>Lengths read behind a seal.</summary>
    public IReadOnlyDictionary<string, long> SealedLengths => sealedLengths;

    public void Acknowledge(SimulatedInstance instance, AppendedBatch appended)
    {
        var batch = appended.Batch with { Scraped = Copy(appended.Batch.Scraped), Added = Copy(appended.Batch.Added) };
        acknowledged.Add(new AcknowledgedBatch(instance, appended with { Batch = batch }));
        instance.World.Note(
            $"{instance.Name} {batch.Source} tick {batch.TickMs % 1_000_000}: {batch.Report.Verdict}, "
                + $"{batch.Report.Markers} markers, in {appended.Home.Writer}"
        );
    }

    public void Sealed(BlobInfo info) => sealedLengths.TryAdd(info.Name, info.LengthBytes);

    private static SampleColumns Copy(SampleColumns columns) =>
        new(columns.Series, columns.TimestampsMs.ToArray(), columns.Values.ToArray());
}

/// <summary>A batch that a writer acknowledged.</summary>
/// <param name="Instance">Whose writer.</param>
/// <param name="Appended">The batch and its place; columns are copies.</param>
internal sealed record AcknowledgedBatch(SimulatedInstance Instance, AppendedBatch Appended);
