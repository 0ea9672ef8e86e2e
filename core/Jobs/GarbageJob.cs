using Tributary.Binary;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Removes what is no longer needed, as <see cref="CompactJob"/> does at the end of its runs; or says what it would.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="tables">Where the manifest lies.</param>
/// <param name="time">The clock of pauses; ages are by the store's.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class GarbageJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
{
    /// <summary>Log files that a destination of remote write has not taken are kept for so long.</summary>
    public TimeSpan RemoteWriteMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>One pass over what the manifest names, and one over files that it does not name.</summary>
    /// <exception cref="StoreException">The store cannot be used; the rest stays.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<(GarbageResult Named, SweepResult Unnamed)> RunAsync(
        GarbageOptions options,
        CancellationToken cancellationToken
    )
    {
        var reader = new ManifestReader(tables);
        var writer = new ManifestWriter(tables, reader, time);
        var garbage = new GarbageCollector(blobs, tables, reader, writer, time, newUlid);
        var sweep = new OrphanSweep(blobs, tables, reader, writer, time, newUlid);
        options = options with { Holds = LogHolds.Of(tables, RemoteWriteMaxAge, time) };
        var named = await garbage.RunAsync(options, cancellationToken);
        return (named, await sweep.RunAsync(options, cancellationToken));
    }
}
