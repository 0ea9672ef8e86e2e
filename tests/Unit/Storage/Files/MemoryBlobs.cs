using System.Runtime.CompilerServices;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Files;

/// <summary>Whole blobs in memory, for tests that read and write very often; counts requests and the bytes that were read.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly SortedDictionary<string, byte[]> blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, ulong), SortedDictionary<long, byte[]>> staged = [];

    public StoreOperations Operations { get; } = new();

    public long BytesRead { get; private set; }

    /// <summary>The reads so far: blob, offset, length.</summary>
    public List<(string Name, long Offset, int Length)> Reads { get; } = [];

    public IReadOnlyDictionary<string, byte[]> All => blobs;

    public byte[] this[string name]
    {
        get => blobs[name];
        set => blobs[name] = value;
    }

    public MemoryBlobs Copy()
    {
        var copy = new MemoryBlobs();
        foreach (var (name, content) in blobs)
        {
            copy[name] = content;
        }
        return copy;
    }

    public bool Remove(string name) => blobs.Remove(name);

    public Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        Operations.Count(OperationClass.BlobRead);
        return Task.FromResult(blobs.TryGetValue(name, out var content) ? Info(name, content) : null);
    }

    public Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        Operations.Count(OperationClass.BlobRead);
        if (!blobs.TryGetValue(name, out var content))
        {
            throw new StoreException(StoreError.NotFound, $"{name} is not there");
        }
        var count = (int)Math.Clamp(content.Length - offsetBytes, 0, destination.Length);
        content.AsSpan((int)Math.Min(offsetBytes, content.Length), count).CopyTo(destination.Span);
        BytesRead += count;
        Reads.Add((name, offsetBytes, destination.Length));
        return Task.FromResult(count);
    }

    public Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Operations.Count(OperationClass.BlobWrite);
        if (condition.MustNotExist && blobs.ContainsKey(name))
        {
            throw new StoreException(StoreError.ConditionNotMet, $"{name} exists");
        }
        blobs[name] = content.ToArray();
        return Task.FromResult(Info(name, blobs[name]));
    }

    public Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        Operations.Count(OperationClass.BlobWrite);
        Assert.Null(StoreLimits.ProblemOfPiece(offsetBytes, content.Length));
        if (!staged.TryGetValue((name, upload), out var pieces))
        {
            staged.Add((name, upload), pieces = []);
        }
        pieces[offsetBytes] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Assert.True(staged.Remove((name, upload), out var pieces));
        var content = pieces.Values.SelectMany(piece => piece).ToArray();
        Assert.Equal(lengthBytes, content.Length);
        Assert.All(pieces.SkipLast(1), piece => Assert.Equal(StoreLimits.PieceBytes, piece.Value.Length));
        return WriteAsync(name, content, condition, cancellationToken);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        Operations.Count(OperationClass.BlobList);
        foreach (var (name, content) in blobs)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return Info(name, content);
            }
        }
    }

    public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
    {
        Operations.Count(OperationClass.BlobDelete);
        return Task.FromResult(blobs.Remove(name));
    }

    public Task CreateAppendAsync(string name, CancellationToken cancellationToken) => throw Unexpected();

    public Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => throw Unexpected();

    public Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) => throw Unexpected();

    public Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        throw Unexpected();

    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) => throw Unexpected();

    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        throw Unexpected();

    private static InvalidOperationException Unexpected() => new("blocks need whole blobs only");

    private static BlobInfo Info(string name, byte[] content) => new(name, content.Length, "1", default);
}
