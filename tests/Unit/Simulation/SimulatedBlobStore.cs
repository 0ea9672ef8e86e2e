using System.Buffers;
using System.Runtime.CompilerServices;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The port to blobs over the shared state; the link decides when and whether requests arrive.</summary>
internal sealed class SimulatedBlobStore(SimulatedStorage storage, StoreLink link) : IBlobStore
{
    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(60);
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/"
    );

    private readonly SimulatedBlobs blobs = storage.Blobs;

    public StoreOperations Operations { get; } = new();

    public Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken) =>
        Send<BlobInfo?>("info", OperationClass.BlobRead, name, -1, () => blobs.GetInfo(name), cancellationToken);

    public async Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        if (offsetBytes < 0)
        {
            return await Rejected<int>($"reading {name} from {offsetBytes}");
        }
        ReadOnlyMemory<byte> seen = default;
        var bytes = await Send<int>(
            "read",
            OperationClass.BlobRead,
            name,
            offsetBytes,
            () =>
            {
                var outcome = blobs.Read(name, offsetBytes, destination.Length, ifMatch);
                seen = outcome.Value;
                return outcome.Error is { } error ? error : seen.Length;
            },
            cancellationToken,
            deliver: () => seen.CopyTo(destination)
        );
        Operations.CountRead(bytes);
        return bytes;
    }

    public Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        // Copied now: the request may land long after the caller has used its buffer again.
        var copy = content.ToArray();
        return Send(
            "write",
            OperationClass.BlobWrite,
            name,
            copy.Length,
            () => blobs.Write(name, copy, condition),
            cancellationToken,
            bytesWritten: copy.Length,
            usesLease: condition.LeaseId is not null
        );
    }

    public Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (StoreLimits.ProblemOfPiece(offsetBytes, content.Length) is { } problem)
        {
            return Rejected<bool>($"{name}: {problem}");
        }
        var copy = content.ToArray();
        return Send(
            "stage",
            OperationClass.BlobWrite,
            name,
            offsetBytes,
            () => blobs.Stage(name, upload, offsetBytes, copy),
            cancellationToken,
            bytesWritten: copy.Length
        );
    }

    public Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) =>
        lengthBytes <= 0
            ? Rejected<BlobInfo>($"{name}: a commit of {lengthBytes} bytes")
            : Send(
                "commit",
                OperationClass.BlobWrite,
                name,
                lengthBytes,
                () => blobs.CommitStaged(name, upload, lengthBytes, condition),
                cancellationToken,
                usesLease: condition.LeaseId is not null
            );

    public Task CreateAppendAsync(string name, CancellationToken cancellationToken) =>
        Send("create", OperationClass.BlobWrite, name, -1, () => blobs.CreateAppend(name), cancellationToken);

    public Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (content.Length is 0 or > StoreLimits.AppendBytes)
        {
            return Rejected<long>($"appending {content.Length} bytes to {name}");
        }
        var copy = content.ToArray();
        return Send(
            "append",
            OperationClass.BlobWrite,
            name,
            expectedLengthBytes,
            () => blobs.Append(name, expectedLengthBytes, copy),
            cancellationToken,
            bytesWritten: copy.Length
        );
    }

    public Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) =>
        Send("seal", OperationClass.BlobWrite, name, -1, () => blobs.Seal(name), cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? after = null;
        List<BlobInfo> page;
        do
        {
            var from = after;
            Operations.Count(OperationClass.BlobList);
            page = await link.Send<List<BlobInfo>>(
                new StoreCall("list", OperationClass.BlobList, prefix),
                () => blobs.List(prefix, from, storage.PageSize),
                cancellationToken
            );
            foreach (var info in page)
            {
                yield return info;
                after = info.Name;
            }
        } while (page.Count == storage.PageSize);
    }

    public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken) =>
        Send("delete", OperationClass.BlobDelete, name, -1, () => blobs.Delete(name, ifMatch), cancellationToken);

    public Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (duration < ShortestLease || duration > LongestLease)
        {
            return Rejected<string>($"a lease of {duration} of {name}");
        }
        return Send(
            "acquire",
            OperationClass.BlobLease,
            name,
            -1,
            () => blobs.AcquireLease(name, duration),
            cancellationToken
        );
    }

    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        Send(
            "renew",
            OperationClass.BlobLease,
            name,
            -1,
            () => blobs.RenewLease(name, leaseId),
            cancellationToken,
            usesLease: true
        );

    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        Send(
            "release",
            OperationClass.BlobLease,
            name,
            -1,
            () => blobs.ReleaseLease(name, leaseId),
            cancellationToken,
            usesLease: true
        );

    private static Task<T> Rejected<T>(string problem) => Task.FromException<T>(SimulatedBlobs.Rejected(problem));

    /// <summary>Whether a name is <c>container/rest</c> of the port's characters, without empty or dotted segments.</summary>
    private static bool IsName(string name) =>
        !name.AsSpan().ContainsAnyExcept(NameCharacters)
        && name.Length > 0
        && name[0] != '/'
        && name[^1] != '/'
        && name.Contains('/', StringComparison.Ordinal)
        && !name.Contains("//", StringComparison.Ordinal)
        && !HasDotSegment(name);

    private static bool HasDotSegment(ReadOnlySpan<char> name)
    {
        foreach (var range in name.Split('/'))
        {
            if (name[range] is "." or "..")
            {
                return true;
            }
        }
        return false;
    }

    private Task<T> Send<T>(
        string operation,
        OperationClass operationClass,
        string name,
        long argument,
        Func<Outcome<T>> effect,
        CancellationToken cancellationToken,
        Action? deliver = null,
        bool usesLease = false,
        long bytesWritten = 0
    )
    {
        if (!IsName(name))
        {
            return Rejected<T>($"the name '{name}' is not container/name of [A-Za-z0-9._-]");
        }
        Operations.Count(operationClass, bytesWritten);
        return link.Send(
            new StoreCall(operation, operationClass, name, argument, usesLease),
            effect,
            cancellationToken,
            deliver
        );
    }
}
