using System.Globalization;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>All blobs, and what each operation does to them at the moment it arrives.</summary>
/// <remarks>An expired lease is lost at once: the real service may still renew it, and nobody may rely on that.</remarks>
internal sealed class SimulatedBlobs(TimeProvider clock)
{
    // Names are ASCII, so ordinal order is the order of bytes.
    private readonly SortedList<string, SimulatedBlob> blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, ulong Upload), SortedDictionary<long, byte[]>> staged = [];
    private long changes;
    private long leases;

    /// <summary>Called at every append that takes place, at that moment: the blob and its new length.</summary>
    public Action<string, long>? Appended { get; set; }

    /// <summary>The content of a blob, for a checker that looks from outside; null when there is none.</summary>
    public ReadOnlyMemory<byte>? ContentOf(string name) => blobs.GetValueOrDefault(name)?.Content;

    /// <summary>All blobs as they are, for a checker that looks from outside.</summary>
    public IEnumerable<BlobInfo> All => blobs.Values.Select(blob => blob.Info());

    public BlobInfo? GetInfo(string name) => blobs.GetValueOrDefault(name)?.Info();

    public Outcome<ReadOnlyMemory<byte>> Read(string name, long offset, int count, string? ifMatch)
    {
        if (!blobs.TryGetValue(name, out var blob))
        {
            return NotFound(name);
        }
        if (ifMatch is not null && ifMatch != blob.ETag)
        {
            return Refused(name, "it has another ETag");
        }
        return offset >= blob.Length
            ? ReadOnlyMemory<byte>.Empty
            : blob.Content.Slice((int)offset, (int)Math.Min(count, blob.Length - offset));
    }

    public Outcome<bool> Stage(string name, ulong upload, long offset, byte[] piece)
    {
        if (!staged.TryGetValue((name, upload), out var pieces))
        {
            staged.Add((name, upload), pieces = []);
        }
        pieces[offset] = piece;
        return true;
    }

    /// <summary>As Azure: a commit takes its own pieces, and drops those of all other uploads of the name.</summary>
    public Outcome<BlobInfo> CommitStaged(string name, ulong upload, long length, WriteCondition condition)
    {
        var content = new byte[length];
        staged.TryGetValue((name, upload), out var pieces);
        for (long offset = 0; offset < length; offset += StoreLimits.PieceBytes)
        {
            var wanted = Math.Min(StoreLimits.PieceBytes, length - offset);
            if (pieces is null || !pieces.TryGetValue(offset, out var piece) || piece.Length != wanted)
            {
                return Rejected($"{name}: no staged piece of {wanted} bytes at {offset}");
            }
            piece.CopyTo(content, offset);
        }
        var outcome = Write(name, content, condition);
        if (outcome.Error is null)
        {
            foreach (var key in staged.Keys.Where(key => key.Name == name).ToList())
            {
                staged.Remove(key);
            }
        }
        return outcome;
    }

    public Outcome<BlobInfo> Write(string name, byte[] content, WriteCondition condition)
    {
        blobs.TryGetValue(name, out var old);
        if (condition.MustNotExist && old is not null)
        {
            return Refused(name, "it exists");
        }
        if (condition.IfMatch is { } etag && old?.ETag != etag)
        {
            return Refused(name, "it has another ETag, or is not there");
        }
        var leased = old is not null && old.IsLeased(clock.GetUtcNow());
        if ((leased || condition.LeaseId is not null) && (!leased || old!.LeaseId != condition.LeaseId))
        {
            return LeaseConflict(name);
        }
        var blob = new SimulatedBlob(name, isAppend: false);
        if (leased)
        {
            (blob.LeaseId, blob.LeaseDuration, blob.LeaseEnd) = (old!.LeaseId, old.LeaseDuration, old.LeaseEnd);
        }
        blob.SetContent(content);
        blobs[name] = blob;
        return Changed(blob).Info();
    }

    public Outcome<Done> CreateAppend(string name)
    {
        var blob = new SimulatedBlob(name, isAppend: true);
        if (!blobs.TryAdd(name, blob))
        {
            return Refused(name, "it exists");
        }
        Changed(blob);
        return default(Done);
    }

    public Outcome<long> Append(string name, long expectedLength, ReadOnlySpan<byte> content)
    {
        if (CannotAppend(name, out var blob) is { } error)
        {
            return error;
        }
        if (blob.IsSealed)
        {
            return new StoreException(StoreError.Sealed, $"simulated store: {name} is sealed");
        }
        if (blob.Length != expectedLength)
        {
            return Refused(name, $"it is {blob.Length} bytes long, not {expectedLength}");
        }
        if (blob.Appends == StoreLimits.AppendsPerBlob)
        {
            return Rejected($"{name} has {StoreLimits.AppendsPerBlob} appends already");
        }
        blob.Append(content);
        Changed(blob);
        Appended?.Invoke(name, blob.Length);
        return blob.Length;
    }

    public Outcome<BlobInfo> Seal(string name)
    {
        if (CannotAppend(name, out var blob) is { } error)
        {
            return error;
        }
        if (!blob.IsSealed)
        {
            blob.IsSealed = true;
            Changed(blob);
        }
        return blob.Info();
    }

    /// <summary>At most <paramref name="limit"/> blobs behind the name <paramref name="after"/>.</summary>
    public List<BlobInfo> List(string prefix, string? after, int limit)
    {
        var page = new List<BlobInfo>();
        for (var i = after is null ? FirstFrom(prefix) : FirstFrom(after); i < blobs.Count && page.Count < limit; i++)
        {
            var blob = blobs.GetValueAtIndex(i);
            if (!blob.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }
            if (blob.Name != after)
            {
                page.Add(blob.Info());
            }
        }
        return page;
    }

    public Outcome<bool> Delete(string name, string? ifMatch)
    {
        if (!blobs.TryGetValue(name, out var blob))
        {
            return false;
        }
        if (ifMatch is not null && ifMatch != blob.ETag)
        {
            return Refused(name, "it has another ETag");
        }
        if (blob.IsLeased(clock.GetUtcNow()))
        {
            return LeaseConflict(name);
        }
        return blobs.Remove(name);
    }

    public Outcome<string> AcquireLease(string name, TimeSpan duration)
    {
        if (!blobs.TryGetValue(name, out var blob))
        {
            return NotFound(name);
        }
        var now = clock.GetUtcNow();
        if (blob.IsLeased(now))
        {
            return LeaseConflict(name);
        }
        leases++;
        blob.LeaseId = string.Create(CultureInfo.InvariantCulture, $"lease-{leases}");
        blob.LeaseDuration = duration;
        blob.LeaseEnd = now + duration;
        return blob.LeaseId;
    }

    public Outcome<Done> RenewLease(string name, string leaseId)
    {
        if (LostLease(name, leaseId, out var blob) is { } error)
        {
            return error;
        }
        blob.LeaseEnd = clock.GetUtcNow() + blob.LeaseDuration;
        return default(Done);
    }

    public Outcome<Done> ReleaseLease(string name, string leaseId)
    {
        if (LostLease(name, leaseId, out var blob) is { } error)
        {
            return error;
        }
        blob.LeaseId = null;
        return default(Done);
    }

    /// <summary>Takes the lease away from whoever holds it.</summary>
    public void BreakLease(string name)
    {
        if (blobs.TryGetValue(name, out var blob))
        {
            blob.LeaseId = null;
        }
    }

    public static StoreException Rejected(string problem) => new(StoreError.Rejected, $"simulated store: {problem}");

    private static StoreException NotFound(string name) =>
        new(StoreError.NotFound, $"simulated store: {name} is not there");

    private static StoreException Refused(string name, string why) =>
        new(StoreError.ConditionNotMet, $"simulated store: {name}: {why}");

    private static StoreException LeaseConflict(string name) =>
        new(StoreError.LeaseConflict, $"simulated store: {name}: the lease is another's, or lost");

    private StoreException? LostLease(string name, string leaseId, out SimulatedBlob blob)
    {
        if (!blobs.TryGetValue(name, out blob!))
        {
            return NotFound(name);
        }
        return blob.LeaseId == leaseId && blob.IsLeased(clock.GetUtcNow()) ? null : LeaseConflict(name);
    }

    private StoreException? CannotAppend(string name, out SimulatedBlob blob)
    {
        if (!blobs.TryGetValue(name, out blob!))
        {
            return NotFound(name);
        }
        if (!blob.IsAppend)
        {
            return Rejected($"{name} is not an append blob");
        }
        return blob.IsLeased(clock.GetUtcNow()) ? LeaseConflict(name) : null;
    }

    private SimulatedBlob Changed(SimulatedBlob blob)
    {
        changes++;
        blob.Changed(string.Create(CultureInfo.InvariantCulture, $"e{changes}"), clock.GetUtcNow());
        return blob;
    }

    private int FirstFrom(string name)
    {
        var (low, high) = (0, blobs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(blobs.GetKeyAtIndex(middle), name) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
