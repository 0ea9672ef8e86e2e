using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>An output in the store: a blob, or a folder of blobs.</summary>
/// <param name="blobs">The store.</param>
/// <param name="output">The blob, or what the names of the folder's blobs begin with, without the slash.</param>
/// <param name="newNumber">A number that tells uploads apart.</param>
internal sealed class StoreTarget(IBlobStore blobs, string output, Func<ulong> newNumber) : ExportTarget
{
    private readonly ManifestBlob manifest = new(blobs, output + ExportManifest.Suffix);
    private string? etag;

    /// <inheritdoc/>
    public override string Shown => output;

    /// <inheritdoc/>
    public override string Manifest => manifest.Name;

    /// <inheritdoc/>
    public override async Task<ExportManifest?> LookAsync(CancellationToken cancellationToken)
    {
        var found = await manifest.ReadAsync(cancellationToken);
        var info = await blobs.GetInfoAsync(output, cancellationToken);
        etag = info?.ETag;
        return found is { Files.Count: 0, Format: not ExportNames.Blocks } && info?.LengthBytes != found.Bytes
            ? null
            : found;
    }

    /// <inheritdoc/>
    public override ExportSink Open() => new Sink(new BlobUpload(blobs, output, newNumber()), output, etag);

    /// <inheritdoc/>
    public override async Task<(long Bytes, string Sha256)> SendAsync(
        BlockFolder? block,
        CancellationToken cancellationToken
    )
    {
        // The last one is meta.json, without which nobody takes it for a block. The name is of the content: what is there is the same.
        foreach (var file in block?.Files ?? [])
        {
            var name = $"{output}/{file.Path}";
            if (await blobs.GetInfoAsync(name, cancellationToken) is { } there && there.LengthBytes == file.Bytes)
            {
                continue;
            }
            await WriteAsync(name, block!.PathOf(file), cancellationToken);
        }
        return block is null ? (0, "") : (block.Bytes, block.Sha256);
    }

    /// <inheritdoc/>
    public override async Task WriteManifestAsync(
        ExportManifest manifest,
        ExportManifest? before,
        CancellationToken cancellationToken
    )
    {
        await this.manifest.WriteAsync(manifest, cancellationToken);
        if (manifest.Format != ExportNames.Blocks)
        {
            return;
        }
        var kept = manifest.Files.Select(file => $"{output}/{file.Path}").ToHashSet(StringComparer.Ordinal);
        await DeleteFolderAsync(kept, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await manifest.DeleteAsync(cancellationToken);
        await blobs.DeleteAsync(output, null, cancellationToken);
        await DeleteFolderAsync([], cancellationToken);
    }

    /// <summary>Removes the folder's blobs: of a block <c>meta.json</c> first.</summary>
    private async Task DeleteFolderAsync(HashSet<string> kept, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var info in blobs.ListAsync(output + "/", cancellationToken))
        {
            if (!kept.Contains(info.Name))
            {
                names.Add(info.Name);
            }
        }
        foreach (
            var name in names.OrderBy(name => name.EndsWith("/" + BlockPaths.Meta, StringComparison.Ordinal) ? 0 : 1)
        )
        {
            await blobs.DeleteAsync(name, null, cancellationToken);
        }
    }

    private async Task WriteAsync(string name, string path, CancellationToken cancellationToken)
    {
        var upload = new BlobUpload(blobs, name, newNumber());
        var buffer = new byte[1024 * 1024];
        await using var file = File.OpenRead(path);
        for (int count; (count = await file.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            upload.Write(buffer.AsSpan(0, count));
            if (upload.WantsFlush)
            {
                await upload.FlushAsync(cancellationToken);
            }
        }
        await StoreOutput.RunAsync(() => upload.CommitAsync(WriteCondition.None, cancellationToken), name);
    }

    private sealed class Sink(BlobUpload upload, string output, string? etag) : ExportSink
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            upload.Write(bytes.Span);
            if (upload.WantsFlush)
            {
                await upload.FlushAsync(cancellationToken);
            }
        }

        public override Task CommitAsync(byte[] sha256, CancellationToken cancellationToken) =>
            StoreOutput.RunAsync(() => upload.CommitAsync(StoreOutput.ConditionOf(etag), cancellationToken), output);

        /// <summary>What was staged and not committed goes by itself.</summary>
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
