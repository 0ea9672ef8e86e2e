using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>A manifest, its blobs, and all that works on them; in memory unless stores are given.</summary>
internal sealed class ManifestPlace
{
    private int ulids;

    public ManifestPlace()
    {
        var storage = new SimulatedStorage(Time);
        (Blobs, Tables) = (storage.ImmediateBlobs(), storage.ImmediateTables());
        (Reader, Writer) = Open();
    }

    public ManifestPlace(IBlobStore blobs, ITableStore tables)
    {
        (Blobs, Tables) = (blobs, tables);
        (Reader, Writer) = Open();
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ManualTime Time { get; } = new();

    public IBlobStore Blobs { get; }

    public ITableStore Tables { get; }

    public ManifestReader Reader { get; }

    public ManifestWriter Writer { get; }

    public long TableOperations =>
        Tables.Operations[OperationClass.TableRead] + Tables.Operations[OperationClass.TableWrite];

    public GarbageCollector Garbage => new(Blobs, Tables, Reader, Writer, Time, NewUlid);

    public OrphanSweep Sweep => new(Blobs, Tables, Reader, Writer, Time, NewUlid);

    public ManifestRebuild Rebuild => new(Blobs, Tables, Reader, Time, NewUlid);

    public StoreView View => new(Blobs, Reader);

    /// <summary>Another process' reader and writer.</summary>
    public (ManifestReader Reader, ManifestWriter Writer) Open()
    {
        var reader = new ManifestReader(Tables);
        return (reader, new ManifestWriter(Tables, reader, Time));
    }

    public Ulid NewUlid() => new(((UInt128)(uint)++ulids << 80) + (UInt128)(uint)ulids);

    /// <summary>A block over hours of the epoch, planned on a manifest.</summary>
    public BlockDescription Block(ManifestSnapshot plannedOn, int fromHour, int toHour, int files = 1)
    {
        var ulid = NewUlid();
        return new BlockDescription
        {
            Ulid = ulid,
            Level = 1,
            MinTimeMs = fromHour * 3_600_000L,
            MaxTimeMs = toHour * 3_600_000L,
            Number = plannedOn.State.Number + 1,
            Series = 3,
            Samples = 1000,
            Chunks = 9,
            Sources = [ulid],
            Files =
            [
                .. Enumerable.Range(1, files).Select(n => new BlockFile($"chunks/{n:D6}", 100)),
                new BlockFile("meta.json", 50),
            ],
        };
    }

    /// <summary>Announces, uploads and commits a block.</summary>
    public async Task<BlockDescription> AddAsync(int fromHour, int toHour, params ConsumedLogFile[] consumed)
    {
        var plannedOn = await Reader.RefreshAsync(Token);
        var block = Block(plannedOn, fromHour, toHour);
        await Writer.BeginAsync(plannedOn, block, Token);
        await UploadAsync(block);
        var result = await Writer.CommitAsync(Adding(plannedOn, block, consumed), Token);
        Assert.True(result.IsCommitted, result.Refusal);
        return block;
    }

    public ManifestChange Adding(
        ManifestSnapshot plannedOn,
        BlockDescription block,
        params ConsumedLogFile[] consumed
    ) =>
        new()
        {
            Id = NewUlid(),
            PlannedOn = plannedOn,
            Written = [new BlockRow(block, BlockState.Live) { Statistics = new byte[] { 1, 2, 3 } }],
            Consumed = consumed,
        };

    public async Task UploadAsync(BlockDescription block)
    {
        foreach (var (path, size) in block.Files)
        {
            var name = BlockDescription.PrefixOf(block.Ulid) + path;
            await Blobs.WriteAsync(name, new byte[size], WriteCondition.Create, Token);
        }
    }

    /// <summary>A log file of a window that starts at an hour of the epoch.</summary>
    public async Task<PlannedLogFile> LogAsync(int hour, int bytes)
    {
        var name = new LogFileName(new Window(hour * 3_600_000L), NewUlid());
        await Blobs.CreateAppendAsync(name.ToString(), Token);
        await Blobs.AppendAsync(name.ToString(), 0, new byte[bytes], Token);
        return new PlannedLogFile(name, (await Blobs.GetInfoAsync(name.ToString(), Token))!);
    }

    public async Task<List<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var blob in Blobs.ListAsync(prefix, Token))
        {
            names.Add(blob.Name);
        }
        return names;
    }
}
