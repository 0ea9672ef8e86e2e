using System.Buffers.Binary;
using System.Globalization;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>One folder, several real processes; and processes that are killed without a signal.</summary>
public sealed class LocalStoreProcessTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly LocalBlobStore blobs;
    private readonly LocalTableStore tables;

    public LocalStoreProcessTests()
    {
        blobs = new LocalBlobStore(folder.Path, TimeProvider.System);
        tables = new LocalTableStore(folder.Path, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Processes_OnOneFolder_LoseAndDoubleNothing()
    {
        const int each = 150;
        await blobs.CreateAppendAsync(StoreWorker.Blob, Token);
        var zero = new Dictionary<string, object> { ["n"] = 0L };
        await tables.CommitAsync(StoreWorker.Table, "p", [new TableWrite(TableAction.Insert, "counter", zero)], Token);
        var processes = Enumerable
            .Range(0, 3)
            .Select(i => StoreWorker.Start(folder.Path, "race", i * each, each))
            .ToList();
        foreach (var process in processes)
        {
            Assert.Equal("ready 0", await process.StandardOutput.ReadLineAsync(Token));
        }
        processes.ForEach(process => process.StandardInput.WriteLine());
        foreach (var process in processes)
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }
        var numbers = (await ReadAllAsync(StoreWorker.Blob))
            .Chunk(sizeof(int))
            .Select(part => BinaryPrimitives.ReadInt32BigEndian(part));
        Assert.Equal(Enumerable.Range(0, 3 * each), numbers.Order());
        var row = await tables.GetAsync(StoreWorker.Table, "p", "counter", Token);
        Assert.Equal(3L * each, row!.Properties["n"]);
    }

    [Fact]
    public async Task Process_KilledAgainAndAgain_KeepsWhatItAcknowledged()
    {
        var random = new Random(20260102);
        var acknowledged = new Dictionary<string, int>();
        for (var round = 0; round < 8; round++)
        {
            using var process = StoreWorker.Start(folder.Path, "endless");
            for (var line = random.Next(1, 40); line > 0; line--)
            {
                Note(acknowledged, await process.StandardOutput.ReadLineAsync(Token));
            }
            Thread.SpinWait(random.Next(200_000));
            process.Kill();
            while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                Note(acknowledged, line);
            }
            await process.WaitForExitAsync(Token);
            await CheckAsync(acknowledged);
        }
    }

    private static void Note(Dictionary<string, int> acknowledged, string? line)
    {
        var parts = line!.Split(' ');
        acknowledged[parts[0]] = int.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    private async Task CheckAsync(Dictionary<string, int> acknowledged)
    {
        var log = await ReadAllAsync(StoreWorker.Blob);
        var (position, number) = (0, 0);
        for (; position < log.Length; number++)
        {
            var record = StoreWorker.Record(number);
            Assert.True(log.AsSpan(position).StartsWith(record), $"record {number} is not whole at {position}");
            position += record.Length;
        }
        Assert.InRange(number - 1, acknowledged["append"], acknowledged["append"] + 1);
        var listed = await blobs.ListAsync("", Token).Select(blob => blob.Name).ToListAsync(Token);
        Assert.Empty(listed.Except([StoreWorker.Blob, StoreWorker.WholeBlob]));
        if (acknowledged.TryGetValue("commit", out var committed))
        {
            var rows = await tables.QueryAsync(StoreWorker.Table, "p", null, null, Token).ToListAsync(Token);
            Assert.Equal(["a", "b", "c"], rows.Select(row => row.Row));
            var value = Assert.Single(rows.Select(row => (long)row.Properties["n"]).Distinct());
            Assert.InRange(value, committed, committed + 1);
        }
        if (acknowledged.TryGetValue("write", out var written))
        {
            var whole = await ReadAllAsync(StoreWorker.WholeBlob);
            var found = BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(4));
            Assert.InRange(found, written, written + 1);
            Assert.Equal(StoreWorker.Record(found), whole);
        }
    }

    private async Task<byte[]> ReadAllAsync(string name)
    {
        var info = await blobs.GetInfoAsync(name, Token);
        var buffer = new byte[info!.LengthBytes];
        Assert.Equal(buffer.Length, await blobs.ReadAsync(name, 0, buffer, info.ETag, Token));
        return buffer;
    }
}
