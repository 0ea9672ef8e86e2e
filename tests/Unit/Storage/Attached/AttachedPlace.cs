using System.Globalization;
using Tributary.Model;
using Tributary.Storage.Attached;
using Tributary.Storage.Blocks;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Storage.Attached;

/// <summary>A folder with blocks as Thanos uploads them.</summary>
internal sealed class AttachedPlace : IDisposable
{
    public const long StartMs = 1_699_999_200_000;
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);

    private readonly TestFolder folder = new();

    public AttachedPlace()
    {
        Directory.CreateDirectory(Root);
        Container = new AttachedContainer("thanos", new FolderBlobs(Root), "", Refresh, Time);
    }

    public SkippingTime Time { get; } = new(StartMs + (100 * Window.LengthMs));

    public AttachedContainer Container { get; }

    /// <summary>The folder.</summary>
    public string Root => Path.Combine(folder.Path, "blocks");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Ulid UlidOf(int number) => Ulid.Create(StartMs + number, [1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)number]);

    public string PathOf(int number, string file) => Path.Combine(Root, UlidOf(number).ToString(), file);

    /// <summary>Puts a block of two hours there, with a section of Thanos'.</summary>
    public async Task AddAsync(
        int number,
        IReadOnlyList<SelectedSeries> series,
        Func<BlockMeta, BlockMeta>? change = null,
        params string[] labels
    )
    {
        var blobs = new LocalBlobStore(folder.Path, TimeProvider.System);
        var meta = await BlockSamples.WriteAsync(blobs, UlidOf(number), series);
        meta = meta with
        {
            MinTimeMs = StartMs,
            MaxTimeMs = StartMs + Window.LengthMs,
            Labels = [.. labels.Chunk(2).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]))],
            Source = "sidecar",
            LogFiles = [],
            CommitNumber = 0,
        };
        var json = BlockMetaJson.Write((change ?? (same => same))(meta));
        await File.WriteAllBytesAsync(PathOf(number, "meta.json"), json, Token);
    }

    /// <summary>Marks a block for deletion.</summary>
    public Task MarkAsync(int number, DateTimeOffset at)
    {
        var json = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"id\":\"{UlidOf(number)}\",\"version\":1,\"details\":\"\",\"deletion_time\":{at.ToUnixTimeSeconds()}}}"
        );
        return File.WriteAllTextAsync(PathOf(number, "deletion-mark.json"), json, Token);
    }

    /// <summary>One series with a sample in the middle of the two hours.</summary>
    public static IReadOnlyList<SelectedSeries> One(string labels, double value) =>
        [BlockSamples.Series(labels, (StartMs + 1000, value))];

    public void Dispose()
    {
        Container.Dispose();
        folder.Dispose();
    }
}
