using System.Globalization;
using System.Runtime.CompilerServices;

namespace Tributary.Stores.Local;

/// <summary>A folder that another program wrote, such as a Prometheus data directory, as blobs that can only be read.</summary>
/// <remarks>Nothing is ever written there, no lock taken, no name outside of the folder followed.</remarks>
/// <param name="folder">The folder.</param>
public sealed class FolderBlobs(string folder) : IBlobStore
{
    /// <summary>The folder, as a full path.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <inheritdoc/>
    public StoreOperations Operations { get; } = new();

    /// <inheritdoc/>
    public Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        Operations.Count(OperationClass.BlobRead);
        var file = new FileInfo(PathOf(name));
        return Task.FromResult(file.Exists ? InfoOf(name, file) : null);
    }

    /// <inheritdoc/>
    public Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(OperationClass.BlobRead);
        try
        {
            using var file = File.OpenHandle(
                PathOf(name),
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            var read = 0;
            while (read < destination.Length)
            {
                var count = RandomAccess.Read(file, destination.Span[read..], offsetBytes + read);
                if (count == 0)
                {
                    break;
                }
                read += count;
            }
            return Task.FromResult(read);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException(StoreError.NotFound, $"{Root}/{name} is not there", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Operations.Count(OperationClass.BlobList);
        await Task.CompletedTask;
        var top = PathOf(prefix[..(prefix.LastIndexOf('/') + 1)]);
        foreach (var info in Files(top, prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return info;
        }
    }

    /// <inheritdoc/>
    public Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task CreateAppendAsync(string name, CancellationToken cancellationToken) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) => throw ReadOnly(name);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken) =>
        throw ReadOnly(name);

    /// <inheritdoc/>
    public Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        throw ReadOnly(name);

    /// <inheritdoc/>
    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        throw ReadOnly(name);

    /// <inheritdoc/>
    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        throw ReadOnly(name);

    private List<BlobInfo> Files(string top, string prefix)
    {
        var found = new List<BlobInfo>();
        try
        {
            if (Directory.Exists(top))
            {
                foreach (var file in new DirectoryInfo(top).EnumerateFiles("*", SearchOption.AllDirectories))
                {
                    var name = Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
                    if (name.StartsWith(prefix, StringComparison.Ordinal))
                    {
                        found.Add(InfoOf(name, file));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(prefix, exception);
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    private static BlobInfo InfoOf(string name, FileInfo file) =>
        new(
            name,
            file.Length,
            string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}"),
            file.LastWriteTimeUtc
        );

    private string PathOf(string name) =>
        name.Split('/').Contains("..", StringComparer.Ordinal) || Path.IsPathRooted(name)
            ? throw new StoreException(StoreError.Rejected, $"{Root}: '{name}' lies outside of this folder")
            : Path.Join(Root, name);

    private StoreException Unreadable(string name, Exception cause) =>
        new(
            StoreError.Unusable,
            $"{Root}/{name} cannot be read: {cause.Message} What to do: run this as a user that may read it.",
            cause
        );

    private StoreException ReadOnly(string name) =>
        new(StoreError.Rejected, $"{Root}/{name} cannot be changed: this folder is only read");
}
