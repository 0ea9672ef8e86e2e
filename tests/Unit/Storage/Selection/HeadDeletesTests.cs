using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Selection;

/// <summary>Deletes of what the head holds: it goes on to answer, without what was deleted, whatever becomes of the rows.</summary>
public sealed class HeadDeletesTests
{
    private static readonly TimeRange Always = SelectionPlace.Always;
    private static readonly VectorSelector[] All = [SelectionPlace.Everything];
    private static readonly LabelSet M = LabelSet.Of("__name__", "m");
    private static readonly LabelSet N = LabelSet.Of("__name__", "n");

    private readonly SelectionPlace place = new();

    private static CancellationToken Token => SelectionPlace.Token;

    private ManifestPlace Manifest => place.Store.Manifest;

    private long NowMs => Manifest.Time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Delete_OfThePresent_IsHonouredByTheHead_WithoutReadingTheLogAgain()
    {
        var writer = place.Store.NewWriter();
        await AppendAsync(writer, NowMs - 20_000, (M, 1), (N, 1));
        var head = await place.HeadAsync();
        var counting = new LogReadCounter(Manifest.Blobs);
        using var reader = place.Reader(head, counting);
        await DeleteAsync("m");
        await AppendAsync(place.Store.NewWriter(), NowMs - 10_000, (M, 2), (N, 2));

        // Before the head knows of it, the log answers.
        Assert.Equal(["m 2", "n 1", "n 2"], await SelectAsync(reader));
        await head.RefreshAsync(null, Token);
        counting.Take();
        Assert.Equal(["m 2", "n 1", "n 2"], await SelectAsync(reader));
        Assert.Equal(0, counting.Take());
        Assert.Equal(["m 2", "n 2"], Latest(head));
    }

    [Fact]
    public async Task Series_OfWhichAllIsDeleted_IsInNoLookUp()
    {
        await AppendAsync(place.Store.NewWriter(), NowMs - 20_000, (M, 1), (N, 1));
        var head = await place.HeadAsync();
        using var reader = place.Reader(head);
        await DeleteAsync("m");
        Assert.False(head.Delete(await KnownAsync()));
        await head.RefreshAsync(null, Token);
        Assert.True(head.Delete(await KnownAsync()));
        Assert.Equal([N], (await reader.SeriesAsync(All, Always, 0, Token)).Items);
        Assert.Equal(["n"], (await reader.LabelValuesAsync("__name__", [], Always, 0, Token)).Items);
        Assert.Equal(["n"], (await reader.LabelValuesAsync("__name__", All, Always, 0, Token)).Items);
    }

    [Fact]
    public async Task Batch_ThatWasInTheLogBeforeTheDelete_IsNotBroughtBackByItsWriter()
    {
        var writer = place.Store.NewWriter();
        var head = new RecentLog(Manifest.Blobs, new SeriesTable(), writer, Manifest.Time);
        head.Apply(await AppendAsync(writer, NowMs - 30_000, (M, 1), (N, 1)));
        await head.LoadAsync(null, Token);
        var late = await AppendAsync(writer, NowMs - 20_000, (M, 2), (N, 2));
        await DeleteAsync("m");
        head.Delete(await KnownAsync());
        await head.RefreshAsync(null, Token);
        head.Apply(late);
        head.Apply(await AppendAsync(writer, NowMs - 10_000, (M, 3), (N, 3)));
        Assert.Equal(["m 3", "n 1", "n 2", "n 3"], Lines(head.Select(All, Always)));
        await head.RefreshAsync(null, Token);
        Assert.Equal(["m 3", "n 1", "n 2", "n 3"], Lines(head.Select(All, Always)));
    }

    [Fact]
    public async Task Delete_WhoseRowsAreGone_StaysDeleted_WhereNobodyHadAskedTheHead()
    {
        var window = SelectionPlace.WindowAt(0);
        await AppendAsync(place.Store.NewWriter(), window.EndMs - 20_000, (M, 1), (N, 1));
        await AdvanceAsync(window.EndMs - 10_000);
        var head = await place.HeadAsync();
        await DeleteAsync("m");
        await AdvanceAsync(window.EndMs + 20 * 60_000);
        await place.Store.CompactLogAsync(window);
        await AdvanceAsync(window.EndMs + 100 * 60_000);
        await Manifest.Garbage.RunAsync(new GarbageOptions(), Token);
        await Manifest.Garbage.RunAsync(new GarbageOptions(), Token);
        var manifest = await Manifest.Reader.ReloadAsync(Token);
        Assert.Equal((0, 0), (manifest.Deletes.Count, manifest.Windows.Count));
        Assert.Empty(await place.LogFilesAsync());

        using var reader = place.Reader(head);
        Assert.Equal(["n 1"], await SelectAsync(reader));
        Assert.Equal(["m 1", "n 1"], Lines(head.Select(All, Always)));
    }

    [Fact]
    public async Task Delete_OfABlock_IsNotUndoneByAHeadThatStillHasItsSamples()
    {
        var window = SelectionPlace.WindowAt(0);
        await AppendAsync(place.Store.NewWriter(), window.EndMs - 20_000, (M, 1), (N, 1));
        await AdvanceAsync(window.EndMs - 10_000);
        var head = await place.HeadAsync();
        await AdvanceAsync(window.EndMs + 20 * 60_000);
        await place.Store.CompactLogAsync(window);
        await AdvanceAsync(window.EndMs + 100 * 60_000);
        await Manifest.Garbage.RunAsync(new GarbageOptions(), Token);
        await DeleteAsync("m");
        using var reader = place.Reader(head);
        Assert.Equal(["n 1"], await SelectAsync(reader));
        await head.RefreshAsync(null, Token);
        Assert.Equal(["n 1"], await SelectAsync(reader));
        Assert.Empty(head.Select(All, Always));
    }

    [Fact]
    public async Task OldDelete_OfAFreshProcess_DoesNotHaveTheLogReadTwice()
    {
        var window = SelectionPlace.WindowAt(-3);
        await AppendAsync(place.Store.NewWriter(), window.StartMs, (M, 1), (N, 1));
        await place.Store.CompactLogAsync(window);
        await DeleteAsync("m");
        await AppendAsync(place.Store.NewWriter(), NowMs - 10_000, (M, 2), (N, 2));
        var counting = new LogReadCounter(Manifest.Blobs);
        var head = new RecentLog(counting, new SeriesTable(), null, Manifest.Time);
        await head.LoadAsync(null, Token);
        head.LoadHistory();
        counting.Take();
        head.Delete(await KnownAsync());
        await head.RefreshAsync(null, Token);
        Assert.True(head.Delete(await KnownAsync()));
        Assert.Equal(0, counting.Take());
        Assert.Equal(["m 2", "n 2"], Lines(head.Select(All, Always)));
    }

    private Task<DeleteDescription> DeleteAsync(string selector) =>
        new SeriesDeletion(
            Manifest.Blobs,
            Manifest.Reader,
            Manifest.Writer,
            Manifest.Time,
            Manifest.NewUlid
        ).DeleteAsync(Always, [selector], Token);

    private async Task<List<LogDelete>> KnownAsync()
    {
        var manifest = await Manifest.Reader.RefreshAsync(Token);
        var deletes = await new DeleteCache(Manifest.Blobs).OfAsync(manifest, Always, Token);
        return [.. deletes.Select(LogDeletes.Of)];
    }

    private static Task<IReadOnlyList<AppendedBatch>> AppendAsync(
        LogWriter writer,
        long atMs,
        params (LabelSet Series, double Value)[] samples
    )
    {
        var columns = LogBatches.Columns([.. samples.Select(sample => (sample.Series, atMs, sample.Value))]);
        return writer.AppendAsync([LogBatches.Of("a", atMs, columns, LogBatches.Columns())], Token);
    }

    private Task AdvanceAsync(long toMs)
    {
        Manifest.Time.Advance(TimeSpan.FromMilliseconds(toMs - NowMs));
        return Task.CompletedTask;
    }

    private static async Task<List<string>> SelectAsync(StoreReader reader) =>
        Lines((await reader.SelectAsync(All, Always, Token)).Series);

    private List<string> Latest(RecentLog head) =>
        [
            .. head.SelectLatest(All, new TimeRange(NowMs - 300_000, NowMs))
                .Select(sample => $"{sample.Labels.MetricName} {sample.Value}"),
        ];

    private static List<string> Lines(IEnumerable<SelectedSeries> all) =>
        [
            .. all.SelectMany(series => series.Samples.Select(sample => $"{series.Labels.MetricName} {sample.Value}"))
                .Order(StringComparer.Ordinal),
        ];

    private sealed class LogReadCounter(IBlobStore inner) : PassingBlobs(inner)
    {
        private int reads;

        public int Take() => Interlocked.Exchange(ref reads, 0);

        public override Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            reads += name.StartsWith(LogFileName.Prefix, StringComparison.Ordinal) ? 1 : 0;
            return base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
        }
    }
}
