using System.Security.Cryptography;
using System.Text;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Indexes;
using Tributary.Storage.Selection;
using Tributary.Stores.Local;

namespace Tributary.Exports;

/// <summary>A block in a temporary folder: of the same samples the same bytes, and the same name.</summary>
/// <remarks>Its ULID is made of the scheduled time and of the content, so that a block never changes under its name.</remarks>
internal sealed class BlockFolder : IDisposable
{
    private const string FolderPrefix = "tributary-export-block-";
    private const string Container = "b/";
    private static readonly TimeSpan LongDead = TimeSpan.FromDays(1);

    private readonly string root;
    private readonly string written;

    private BlockFolder(string root, string written, Ulid name)
    {
        this.root = root;
        this.written = written;
        Name = name.ToString();
    }

    /// <summary>The ULID.</summary>
    public string Name { get; }

    /// <summary>The files, <c>meta.json</c> last; their paths begin with the ULID.</summary>
    public IReadOnlyList<ExportedFile> Files { get; private set; } = [];

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>The SHA-256 of the list of the files as <c>sha256sum</c> prints it.</summary>
    public string Sha256 =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Files.Select(f => $"{f.Sha256}  {f.Path}\n"))))
        );

    /// <summary>Where a file lies.</summary>
    public string PathOf(ExportedFile file) => Path.Join(written, file.Path[(Name.Length + 1)..]);

    /// <summary>Writes the block; null when there is no sample.</summary>
    /// <param name="spill">The samples.</param>
    /// <param name="nameless">The metric name of series that have none.</param>
    /// <param name="timeMs">The scheduled time, milliseconds since the epoch.</param>
    /// <param name="folder">Where temporary files go.</param>
    /// <param name="progress">Is told how many samples are written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ExportException">Two series would be one.</exception>
    public static async Task<BlockFolder?> WriteAsync(
        SampleSpill spill,
        string nameless,
        long timeMs,
        string folder,
        Action<long>? progress,
        CancellationToken cancellationToken
    )
    {
        if (spill.Samples == 0)
        {
            return null;
        }
        Sweep(folder);
        var root = Path.Join(folder, $"{FolderPrefix}{Guid.NewGuid():N}");
        try
        {
            var plan = new BlockMeta
            {
                Ulid = Ulid.Create(timeMs, new byte[10]),
                MinTimeMs = spill.MinMs,
                MaxTimeMs = spill.MaxMs + 1,
                Source = BlockMetaJson.OwnSource,
            };
            var store = new LocalBlobStore(root, TimeProvider.System);
            var meta = await WriteAsync(store, plan, spill, nameless, folder, progress, cancellationToken);
            var written = Path.Join(root, Container, plan.Ulid.ToString());
            var files = new List<ExportedFile>();
            foreach (
                var file in meta
                    .Files.Where(file => file.Path != BlockPaths.Meta)
                    .OrderBy(file => file.Path, StringComparer.Ordinal)
            )
            {
                await using var stream = File.OpenRead(Path.Join(written, file.Path));
                var sha256 = await SHA256.HashDataAsync(stream, cancellationToken);
                files.Add(new ExportedFile(file.Path, stream.Length, Convert.ToHexStringLower(sha256)));
            }
            var content = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => file.Sha256))));
            var ulid = Ulid.Create(timeMs, content.AsSpan(0, 10));
            var json = BlockMetaJson.Write(meta with { Ulid = ulid, Sources = [ulid] });
            await File.WriteAllBytesAsync(Path.Join(written, BlockPaths.Meta), json, cancellationToken);
            files.Add(new ExportedFile(BlockPaths.Meta, json.Length, Convert.ToHexStringLower(SHA256.HashData(json))));
            return new BlockFolder(root, written, ulid)
            {
                Files = [.. files.Select(file => file with { Path = $"{ulid}/{file.Path}" })],
            };
        }
        catch
        {
            Directory.Delete(root, recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(root, recursive: true);

    private static async Task<BlockMeta> WriteAsync(
        LocalBlobStore store,
        BlockMeta plan,
        SampleSpill spill,
        string nameless,
        string folder,
        Action<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var all = spill.Sorted((one, other) => Named(one, nameless).CompareTo(Named(other, nameless)));
        var labels = new SeriesLabels(
            SymbolTable.Of(all.SelectMany(series => TextsOf(Named(series.Labels, nameless))))
        );
        var options = new BlockWriterOptions
        {
            Container = Container,
            Index = new IndexWriterOptions { Folder = folder },
        };
        using var block = new BlockWriter(store, plan, labels.Symbols, options);
        var encoder = new SampleEncoder(block);
        var buffer = new SampleBuffer();
        await block.BeginAsync(cancellationToken);
        LabelSet? before = null;
        var samples = 0L;
        foreach (var series in all)
        {
            var name = Named(series.Labels, nameless);
            if (name.Equals(before))
            {
                throw new ExportException($"two series would have the same labels in a block: {name}");
            }
            before = name;
            block.BeginSeries(labels.Of(name));
            for (var piece = series.First; piece >= 0; )
            {
                piece = spill.Read(piece, buffer);
                Encode(buffer, encoder);
                samples += buffer.Count;
            }
            encoder.End();
            block.EndSeries();
            if (block.WantsFlush)
            {
                await block.FlushAsync(cancellationToken);
                progress?.Invoke(samples);
            }
        }
        return await block.FinishAsync(cancellationToken);
    }

    private static void Encode(SampleBuffer buffer, SampleEncoder encoder)
    {
        if (!buffer.HasHistograms)
        {
            encoder.Add(buffer.TimesMs, buffer.Values);
            return;
        }
        for (var i = 0; i < buffer.Count; i++)
        {
            if (buffer.Histograms[i] is { } histogram)
            {
                encoder.Add(buffer.TimesMs[i], histogram);
            }
            else
            {
                encoder.Add(buffer.TimesMs.Slice(i, 1), buffer.Values.Slice(i, 1));
            }
        }
    }

    private static LabelSet Named(LabelSet labels, string nameless) =>
        labels.Get(LabelSet.MetricNameLabel) is null
            ? LabelSet.Of([.. labels.Labels, new Label(LabelSet.MetricNameLabel, nameless)])
            : labels;

    private static IEnumerable<string> TextsOf(LabelSet labels)
    {
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            yield return labels.Labels[i].Name;
            yield return labels.Labels[i].Value;
        }
    }

    /// <summary>Removes what a process left that was killed long ago.</summary>
    private static void Sweep(string folder)
    {
        var now = DateTime.UtcNow;
        foreach (var left in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, FolderPrefix + "*") : [])
        {
            if (now - Directory.GetLastWriteTimeUtc(left) > LongDead)
            {
                try
                {
                    Directory.Delete(left, recursive: true);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Another process removes it at the same time, or it is another user's.
                }
            }
        }
    }
}
