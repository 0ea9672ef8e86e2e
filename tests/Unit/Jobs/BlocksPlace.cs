using System.Globalization;
using System.Text;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Manifest;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>A local store, and folders with blocks that somebody else wrote.</summary>
internal sealed class BlocksPlace : IDisposable
{
    public const long StartMs = 1_699_999_200_000;
    private readonly TestFolder folder = new();

    public BlocksPlace()
    {
        Directory.CreateDirectory(Data);
        Manifest = new ManifestPlace(
            new LocalBlobStore(Store, TimeProvider.System),
            new LocalTableStore(Store, TimeProvider.System)
        );
    }

    /// <summary>The folder of the store.</summary>
    public string Store => Path.Combine(folder.Path, "store");

    /// <summary>A data directory of a Prometheus.</summary>
    public string Data => Path.Combine(folder.Path, "foreign", "blocks");

    /// <summary>A folder for copies; it is not there yet.</summary>
    public string Out => Path.Combine(folder.Path, "out");

    public ManifestPlace Manifest { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ImportJob Import => new(Manifest.Blobs, Manifest.Tables, TimeProvider.System, NewUlid);

    public BlocksJob Blocks => new(Manifest.Blobs, Manifest.Tables);

    public RebuildManifestJob Rebuild => new(Manifest.Blobs, Manifest.Tables, TimeProvider.System, NewUlid);

    public static Ulid NewUlid() => Ulid.New(TimeProvider.System, Random.Shared);

    public static Ulid ForeignUlid(int number) =>
        Ulid.Create(StartMs + number, [9, 8, 7, 6, 5, 4, 3, 2, 1, (byte)number]);

    /// <summary>Puts a block of two hours into the data directory.</summary>
    public async Task<Ulid> AddForeignAsync(int number, Func<BlockMeta, BlockMeta>? change = null, int series = 20)
    {
        var ulid = ForeignUlid(number);
        var start = StartMs + (number * Window.LengthMs);
        var blobs = new LocalBlobStore(Path.GetDirectoryName(Data)!, TimeProvider.System);
        var all = RandomSeries.Make(number, series, start, start + Window.LengthMs);
        var meta = await BlockSamples.WriteAsync(blobs, ulid, all);
        // As Prometheus writes it: nobody's checksum, no section of Thanos'.
        var plain = meta with
        {
            Source = "",
            Labels = [],
            LogFiles = [],
            CommitNumber = 0,
        };
        await File.WriteAllBytesAsync(
            Path.Combine(Data, ulid.ToString(), "meta.json"),
            BlockMetaJson.Write((change ?? (same => same))(plain)),
            Token
        );
        return ulid;
    }

    /// <summary>Lets Prometheus' tool make blocks of five hours of samples.</summary>
    public async Task AddPrometheusBlocksAsync()
    {
        var text = new StringBuilder("# TYPE requests_total counter\n# TYPE temperature gauge\n");
        var random = new Random(7);
        foreach (var family in new[] { "requests_total", "temperature" })
        {
            for (var series = 0; series < 10; series++)
            {
                for (var time = StartMs / 1000; time < (StartMs / 1000) + (5 * 3600); time += 60)
                {
                    var value = family == "temperature" ? random.NextDouble() * 40 : time - (StartMs / 1000);
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"{family}{{instance=\"host-{series}:9100\",zone=\"é\\\"{series % 3}\"}} {value:R} {time}\n"
                    );
                }
            }
        }
        text.Append("# EOF\n");
        var file = Path.Combine(folder.Path, "input.om");
        await File.WriteAllTextAsync(file, text.ToString(), Token);
        await PromtoolTests.RunAsync("create-blocks-from", "openmetrics", file, Data);
        Directory.CreateDirectory(Path.Combine(Data, "wal"));
    }

    public async Task<List<ImportedBlock>> ImportAsync()
    {
        var all = new List<ImportedBlock>();
        await foreach (var block in Import.RunAsync(ImportFolder.Open(Data), Token))
        {
            all.Add(block);
        }
        return all;
    }

    /// <summary>The dump of everything that counts, sorted.</summary>
    public async Task<List<string>> DumpAsync()
    {
        var lines = new List<string>();
        foreach (var row in (await Manifest.Reader.RefreshAsync(Token)).Live)
        {
            var block = await BlockSamples.OpenAsync(Manifest.Blobs, BlockPaths.PrefixOf(row.Block.Ulid));
            lines.AddRange(BlockSamples.Dump(await BlockSamples.ReadAsync(block)));
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>The dump of a folder by Prometheus' tool, sorted.</summary>
    public static async Task<List<string>> PromtoolDumpAsync(string data)
    {
        List<string> lines =
        [
            .. (await PromtoolTests.RunAsync("dump", data)).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        ];
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    public void Dispose() => folder.Dispose();
}
