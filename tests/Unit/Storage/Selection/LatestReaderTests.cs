using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Selection;

/// <summary>The newest samples, of the present and of any other time.</summary>
public sealed class LatestReaderTests
{
    private static readonly VectorSelector[] All = [SelectionPlace.Everything];
    private static readonly LabelSet M = LabelSet.Of("__name__", "m");
    private static readonly LabelSet N = LabelSet.Of("__name__", "n");

    private readonly SelectionPlace place = new();

    private static CancellationToken Token => SelectionPlace.Token;

    private ManifestPlace Manifest => place.Store.Manifest;

    private long NowMs => Manifest.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private TimeRange Present => new(NowMs - 300_000, NowMs);

    [Fact]
    public async Task Present_ComesFromTheHeadAlone()
    {
        await AppendAsync(NowMs - 1000, (M, 1), (N, StaleMarker.Value));
        var blobs = new SwitchableBlobs(Manifest.Blobs);
        var (reader, _, _) = await StartAsync(blobs);
        blobs.IsBroken = true;
        Assert.Equal(["m 1"], await LatestAsync(reader, Present));
    }

    /// <summary>In the log, in a block, long ago; markers end a series there, too.</summary>
    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(-9, true)]
    public async Task AnyOtherTime_ComesFromBlocksAndLog(int offset, bool isCompacted)
    {
        var window = SelectionPlace.WindowAt(offset);
        await AppendAsync(window.StartMs + 60_000, (M, 1), (N, 1));
        await AppendAsync(window.StartMs + 120_000, (M, 2), (N, StaleMarker.Value));
        await AppendAsync(NowMs, (M, 3), (N, 3));
        if (isCompacted)
        {
            await place.Store.CompactLogAsync(window);
        }
        var (reader, _, _) = await StartAsync(Manifest.Blobs);
        Assert.Equal(["m 1", "n 1"], await LatestAsync(reader, At(window.StartMs + 119_999)));
        Assert.Equal(["m 2"], await LatestAsync(reader, At(window.StartMs + 420_000)));
        Assert.Empty(await LatestAsync(reader, At(window.StartMs + 420_001)));
        Assert.Equal(["m 3", "n 3"], await LatestAsync(reader, Present));
    }

    [Fact]
    public async Task DeleteByAnotherProcess_IsHonouredAfterSeconds_OwnOnesAtOnce()
    {
        await AppendAsync(NowMs - 1000, (M, 1), (N, 1));
        var (reader, _, _) = await StartAsync(Manifest.Blobs);
        Assert.Equal(["m 1", "n 1"], await LatestAsync(reader, Present));
        await DeleteAsync("m");
        Manifest.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["n 1"], await LatestAsync(reader, Present));
        await DeleteAsync("n");
        await reader.RefreshAsync(Token);
        Assert.Empty(await LatestAsync(reader, Present));
        await AppendAsync(NowMs, (M, 2));
        Manifest.Time.Advance(TimeSpan.FromSeconds(5));
        await DeleteAsync("nothing");
        Assert.Equal(["m 2"], await LatestAsync(reader, Present));
    }

    [Fact]
    public async Task HeadThatCannotReadOn_IsNotAskedForWhatIsDeleted()
    {
        await AppendAsync(NowMs - 1000, (M, 1), (N, 1));
        var (_, head, store) = await StartAsync(Manifest.Blobs);
        var reader = NewReader(head, store, _ => Task.CompletedTask);
        await DeleteAsync("m");
        Assert.Equal(["n 1"], await LatestAsync(reader, Present));
    }

    [Fact]
    public async Task BlockOfThePresent_IsPartOfTheAnswer()
    {
        await AppendAsync(NowMs - 1000, (M, 1));
        var (reader, _, _) = await StartAsync(Manifest.Blobs);
        await AppendAsync(NowMs - 500, (N, 1));
        // As an import of what another Prometheus has of this hour.
        await place.Store.CompactLogAsync(SelectionPlace.WindowAt(0));
        Manifest.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["m 1", "n 1"], await LatestAsync(reader, Present));
    }

    [Fact]
    public async Task TableThatCannotBeRead_LeavesWhatIsKnown_AndIsAnErrorBeforeThat()
    {
        await AppendAsync(NowMs - 1000, (M, 1));
        var tables = new BrokenTables(Manifest.Tables);
        var (_, head, store) = await StartAsync(Manifest.Blobs);
        var reader = NewReader(head, store, _ => Task.CompletedTask, tables);
        tables.IsBroken = true;
        await Assert.ThrowsAsync<StoreException>(() => LatestAsync(reader, Present));
        Manifest.Time.Advance(TimeSpan.FromSeconds(5));
        tables.IsBroken = false;
        Assert.Equal(["m 1"], await LatestAsync(reader, Present));
        Manifest.Time.Advance(TimeSpan.FromSeconds(5));
        tables.IsBroken = true;
        Assert.Equal(["m 1"], await LatestAsync(reader, Present));
    }

    [Fact]
    public async Task LookAhead_IsTheLookOfTheFirstAnswer()
    {
        await AppendAsync(NowMs - 1000, (M, 1));
        var tables = new BrokenTables(Manifest.Tables);
        var (_, head, store) = await StartAsync(Manifest.Blobs);
        var reader = NewReader(head, store, _ => Task.CompletedTask, tables);
        var before = tables.Operations[OperationClass.TableRead];
        reader.LookAhead();
        reader.LookAhead();
        Assert.Equal(["m 1"], await LatestAsync(reader, Present));
        reader.LookAhead();
        Assert.Equal(3, tables.Operations[OperationClass.TableRead] - before);
    }

    [Fact]
    public async Task LookAhead_WhatCannotBeRead_IsReadAgainForTheAnswer()
    {
        await AppendAsync(NowMs - 1000, (M, 1));
        var tables = new BrokenTables(Manifest.Tables) { IsBroken = true };
        var (_, head, store) = await StartAsync(Manifest.Blobs);
        var reader = NewReader(head, store, _ => Task.CompletedTask, tables);
        reader.LookAhead();
        await Assert.ThrowsAsync<StoreException>(() => LatestAsync(reader, Present));
        tables.IsBroken = false;
        Assert.Equal(["m 1"], await LatestAsync(reader, Present));
    }

    private static TimeRange At(long ms) => new(ms - 300_000, ms);

    private async Task<(LatestReader Reader, RecentLog Head, StoreReader Store)> StartAsync(IBlobStore blobs)
    {
        var head = new RecentLog(blobs, new SeriesTable(), null, Manifest.Time);
        await head.LoadAsync(null, Token);
        head.LoadHistory();
        var store = place.Reader(head, blobs);
        var reader = NewReader(head, store, token => head.RefreshAsync(null, token));
        await reader.RefreshAsync(Token);
        return (reader, head, store);
    }

    private LatestReader NewReader(
        RecentLog head,
        StoreReader store,
        Func<CancellationToken, Task> refresh,
        ITableStore? tables = null
    ) => new(Manifest.Blobs, new ManifestReader(tables ?? Manifest.Tables), head, store, refresh, Manifest.Time);

    private static async Task<List<string>> LatestAsync(LatestReader reader, TimeRange range) =>
        [
            .. (await reader.SelectAsync(All, range, Token)).Items.Select(sample =>
                $"{sample.Labels.MetricName} {sample.Value}"
            ),
        ];

    private Task<DeleteDescription> DeleteAsync(string selector) =>
        new SeriesDeletion(
            Manifest.Blobs,
            Manifest.Reader,
            Manifest.Writer,
            Manifest.Time,
            Manifest.NewUlid
        ).DeleteAsync(SelectionPlace.Always, [selector], Token);

    private Task AppendAsync(long atMs, params (LabelSet Series, double Value)[] samples) =>
        place.AppendAsync(
            place.Store.NewWriter(),
            "a",
            atMs,
            [.. samples.Select(sample => (sample.Series, atMs, sample.Value))]
        );

    private sealed class SwitchableBlobs(IBlobStore inner) : PassingBlobs(inner)
    {
        public bool IsBroken { get; set; }

        public override Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        ) =>
            IsBroken
                ? throw new StoreException(StoreError.Unknown, "broken")
                : base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
    }

    private sealed class BrokenTables(ITableStore inner) : PassingTables(inner)
    {
        public bool IsBroken { get; set; }

        public override Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        ) =>
            IsBroken
                ? throw new StoreException(StoreError.Unknown, "broken")
                : base.GetAsync(table, partition, row, cancellationToken);
    }
}
