using System.Collections.Concurrent;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>The deletes that count, read once: their blobs never change.</summary>
internal sealed class DeleteCache(IBlobStore blobs)
{
    private readonly ConcurrentDictionary<Ulid, DeleteDescription> known = new();

    /// <summary>The deletes of a manifest that overlap a range.</summary>
    /// <exception cref="StoreException">The store cannot be used; NotFound: the manifest is not the newest.</exception>
    /// <exception cref="CorruptDataException">A delete cannot be read: no answer may go without it.</exception>
    public async Task<IReadOnlyList<DeleteDescription>> OfAsync(
        ManifestSnapshot manifest,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        foreach (var gone in known.Keys.Where(ulid => !manifest.Deletes.ContainsKey(ulid)))
        {
            known.TryRemove(gone, out _);
        }
        if (manifest.Problems.FirstOrDefault(problem => IsDelete(problem.Key)) is { Value: { } unreadable })
        {
            throw new CorruptDataException(DeleteDescription.Prefix, 0, $"a delete cannot be applied: {unreadable}");
        }
        var deletes = new List<DeleteDescription>();
        foreach (var row in manifest.Deletes.Values.Where(row => row.Range.Overlaps(range)))
        {
            if (!known.TryGetValue(row.Ulid, out var delete))
            {
                delete = await ReadAsync(row.Ulid, cancellationToken);
                known[row.Ulid] = delete;
            }
            deletes.Add(delete);
        }
        return deletes;
    }

    /// <summary>Reads one delete's blob.</summary>
    public async Task<DeleteDescription> ReadAsync(Ulid ulid, CancellationToken cancellationToken)
    {
        var name = DeleteDescription.NameOf(ulid);
        var info =
            await blobs.GetInfoAsync(name, cancellationToken)
            ?? throw new StoreException(StoreError.NotFound, $"{name} is not there, though the manifest names it");
        if (info.LengthBytes > DeleteDescription.MaxBytes)
        {
            throw new CorruptDataException(name, 0, $"{info.LengthBytes} bytes are too many for a delete");
        }
        var bytes = new byte[info.LengthBytes];
        var read = await blobs.ReadAsync(name, 0, bytes, info.ETag, cancellationToken);
        return DeleteDescription.Decode(ulid, bytes.AsSpan(0, read));
    }

    private static bool IsDelete(string row) => row.StartsWith(ManifestKeys.DeletePrefix, StringComparison.Ordinal);
}
