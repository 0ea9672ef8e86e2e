using System.Text.Json;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Reading;

/// <summary>The live blocks of a store, copied into a folder that Prometheus' own tool opens.</summary>
internal sealed class StoredBlocks
{
    private const string Promtool = "/usr/bin/promtool";

    private StoredBlocks(string folder, int count, long samples, IReadOnlyList<string> garbage) =>
        (Folder, Count, Samples, Garbage) = (folder, count, samples, garbage);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>How many blocks there are.</summary>
    public int Count { get; }

    /// <summary>The samples of all, as their <c>meta.json</c> count them.</summary>
    public long Samples { get; }

    /// <summary>Files of blocks that are not live.</summary>
    public IReadOnlyList<string> Garbage { get; }

    /// <summary>Copies them.</summary>
    public static async Task<StoredBlocks> CopyAsync(string storage, string folder)
    {
        var token = TestContext.Current.CancellationToken;
        var blobs = StoredLog.Open(storage);
        var manifest = await new ManifestReader(Tables(storage)).ReloadAsync(token);
        var live = manifest.Live.Select(row => row.Block.Ulid.ToString()).ToHashSet(StringComparer.Ordinal);
        var garbage = new List<string>();
        var samples = 0L;
        // What it asks for of a database that is not running.
        Directory.CreateDirectory(Path.Combine(folder, "wal"));
        await foreach (var info in blobs.ListAsync(BlockDescription.Prefix, token))
        {
            var path = info.Name[BlockDescription.Prefix.Length..];
            if (!live.Contains(path.Split('/')[0]))
            {
                garbage.Add(info.Name);
                continue;
            }
            var bytes = new byte[info.LengthBytes];
            Assert.Equal(bytes.Length, await blobs.ReadAsync(info.Name, 0, bytes, ifMatch: null, token));
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, bytes, token);
            if (path.EndsWith("/meta.json", StringComparison.Ordinal))
            {
                using var meta = JsonDocument.Parse(bytes);
                samples += meta.RootElement.GetProperty("stats").GetProperty("numSamples").GetInt64();
            }
        }
        return new StoredBlocks(folder, live.Count, samples, garbage);
    }

    /// <summary>What <c>promtool tsdb dump</c> prints of a metric.</summary>
    public async Task<IReadOnlyList<string>> DumpAsync(string metric)
    {
        if (!File.Exists(Promtool))
        {
            Requirement.Missing($"there is no {Promtool}: install the package 'prometheus'");
        }
        var (code, output, errors) = await ChildProcess.RunAsync(
            Promtool,
            ["tsdb", "dump", $"--match={{__name__=\"{metric}\"}}", Folder],
            Folder,
            TimeSpan.FromMinutes(2)
        );
        Assert.True(code == 0, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Reads log and blocks of a storage setting as the server does, without a head.</summary>
    public static StoreReader Reader(string storage) =>
        new(
            StoredLog.Open(storage),
            Tables(storage),
            recent: null,
            new StoreReaderOptions(),
            TimeProvider.System,
            () => Ulid.New(TimeProvider.System, Random.Shared)
        );

    /// <summary>The tables of a storage setting.</summary>
    public static ITableStore Tables(string storage) =>
        StorageSetting.Parse(storage) switch
        {
            LocalFolder folder => new LocalTableStore(folder.Path, TimeProvider.System),
            var account => new AzureTableStore(AzureAccount.FromSetting(account), TimeProvider.System),
        };
}
