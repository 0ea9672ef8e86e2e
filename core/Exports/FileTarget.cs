using Tributary.Storage.Blocks;

namespace Tributary.Exports;

/// <summary>An output in a folder of this machine: a file, or a folder.</summary>
/// <remarks>
/// It is written under another name beside it and renamed, so that nobody sees half of it. What has such a name and belongs to
/// nobody any more is removed by the next run of that output, which has the claim.
/// </remarks>
/// <param name="output">The path.</param>
internal sealed class FileTarget(string output) : ExportTarget
{
    private const string PartialMark = ".partial-";

    private string Folder => Path.GetDirectoryName(Path.GetFullPath(output))!;

    private string PartialPrefix => "." + Path.GetFileName(output) + PartialMark;

    /// <inheritdoc/>
    public override string Shown => output;

    /// <inheritdoc/>
    public override string Manifest => output + ExportManifest.Suffix;

    /// <inheritdoc/>
    public override async Task<ExportManifest?> LookAsync(CancellationToken cancellationToken)
    {
        foreach (
            var left in Directory.Exists(Folder)
                ? Directory.EnumerateFileSystemEntries(Folder, PartialPrefix + "*")
                : []
        )
        {
            Remove(left);
        }
        if (!File.Exists(Manifest) || new FileInfo(Manifest).Length > ExportManifest.MaxBytes)
        {
            return null;
        }
        var found = ExportManifest.Read(await File.ReadAllBytesAsync(Manifest, cancellationToken));
        var isThere =
            found is not null
            && (
                found.Format == ExportNames.Blocks
                    ? found.Files.All(file => File.Exists(Path.Join(output, file.Path)))
                    : File.Exists(output) && new FileInfo(output).Length == found.Bytes
            );
        return isThere ? found : null;
    }

    /// <inheritdoc/>
    public override ExportSink Open()
    {
        Directory.CreateDirectory(Folder);
        return new Sink(NewPartial(), output);
    }

    /// <inheritdoc/>
    public override Task<(long Bytes, string Sha256)> SendAsync(BlockFolder? block, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(output);
        if (block is null)
        {
            return Task.FromResult((0L, ""));
        }
        var place = Path.Join(output, block.Name);
        if (!Directory.Exists(place))
        {
            var partial = NewPartial();
            foreach (var file in block.Files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = Path.Join(partial, file.Path[(block.Name.Length + 1)..]);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(block.PathOf(file), path);
            }
            Directory.Move(partial, place);
        }
        return Task.FromResult((block.Bytes, block.Sha256));
    }

    /// <inheritdoc/>
    public override async Task WriteManifestAsync(
        ExportManifest manifest,
        ExportManifest? before,
        CancellationToken cancellationToken
    )
    {
        await using (var sink = new Sink(NewPartial(), Manifest))
        {
            await sink.WriteAsync(manifest.ToBytes(), cancellationToken);
            await sink.CommitAsync([], cancellationToken);
        }
        if (manifest.Format == ExportNames.Blocks)
        {
            var kept = manifest.Files.Select(file => file.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
            foreach (var folder in Directory.EnumerateDirectories(output).Where(path => IsBlock(path, kept)))
            {
                RemoveBlock(folder);
            }
        }
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(CancellationToken cancellationToken)
    {
        File.Delete(Manifest);
        if (Directory.Exists(output))
        {
            foreach (var folder in Directory.EnumerateDirectories(output).Where(path => IsBlock(path, [])))
            {
                RemoveBlock(folder);
            }
            if (!Directory.EnumerateFileSystemEntries(output).Any())
            {
                Directory.Delete(output);
            }
        }
        else
        {
            File.Delete(output);
        }
        return Task.CompletedTask;
    }

    private static bool IsBlock(string path, HashSet<string> kept) =>
        Model.Ulid.TryParse(Path.GetFileName(path), out _) && !kept.Contains(Path.GetFileName(path));

    private static void RemoveBlock(string folder)
    {
        File.Delete(Path.Join(folder, BlockPaths.Meta));
        Remove(folder);
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private string NewPartial() => Path.Join(Folder, $"{PartialPrefix}{Guid.NewGuid():N}");

    private sealed class Sink(string partial, string output) : ExportSink
    {
        private readonly FileStream stream = new(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Delete);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            stream.WriteAsync(bytes, cancellationToken);

        public override async Task CommitAsync(byte[] sha256, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            stream.Flush(flushToDisk: true);
            await stream.DisposeAsync();
            try
            {
                File.Move(partial, output, overwrite: true);
            }
            catch (FileNotFoundException exception)
            {
                throw new OutputChangedException($"{output}: another process writes it, too", exception);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync();
            File.Delete(partial);
        }
    }
}
