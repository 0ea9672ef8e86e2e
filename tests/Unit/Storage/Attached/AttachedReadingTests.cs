using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Selection;
using static Tributary.Tests.Unit.Storage.Attached.AttachedPlace;

namespace Tributary.Tests.Unit.Storage.Attached;

/// <summary>Attached blocks in the answers of a reader.</summary>
public sealed class AttachedReadingTests : IDisposable
{
    private static readonly TimeRange Range = new(StartMs, StartMs + Window.LengthMs);
    private readonly AttachedPlace place = new();
    private readonly StoreReader reader = new SelectionPlace().Reader();

    public AttachedReadingTests() => reader.Attached = [place.Container];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        reader.Dispose();
        place.Dispose();
    }

    [Theory]
    [InlineData(
        "x",
        "x{cluster=\"a\", n=\"1\"} x{cluster=\"a\", n=\"2\", zone=\"own\"} x{cluster=\"b\", n=\"1\", zone=\"z\"}"
    )]
    [InlineData("x{cluster=\"a\"}", "x{cluster=\"a\", n=\"1\"} x{cluster=\"a\", n=\"2\", zone=\"own\"}")]
    [InlineData("x{cluster!~\"a|c\"}", "x{cluster=\"b\", n=\"1\", zone=\"z\"}")]
    [InlineData("{cluster=~\".+\", n=\"1\"}", "x{cluster=\"a\", n=\"1\"} x{cluster=\"b\", n=\"1\", zone=\"z\"}")]
    [InlineData("x{cluster=\"\"}", "")]
    [InlineData("x{zone=\"own\"}", "x{cluster=\"a\", n=\"2\", zone=\"own\"}")]
    [InlineData("x{zone=\"\"}", "x{cluster=\"a\", n=\"1\"}")]
    [InlineData("x{cluster=\"own\"}", "")]
    public async Task Select_ByLabelsOfBlockAndSeries_FindsTheSeries(string selector, string expected)
    {
        await FillAsync();
        var matchers = SelectorParser.Parse(selector);
        var found = await reader.SelectAsync([matchers], Range, Token);
        Assert.Equal(expected, string.Join(' ', found.Series.Select(series => series.Labels)));
        Assert.All(found.Series, series => Assert.Single(series.Samples));
        Assert.Empty(found.Warnings);
        var chunks = await reader.SelectChunksAsync(matchers.Matchers, Range, new SelectionLimits(), Token);
        Assert.Equal(expected, string.Join(' ', chunks.Series.Select(series => series.Labels)));
        var series = await reader.SeriesAsync([matchers], Range, 1, Token);
        Assert.Equal(found.Series.Take(1).Select(one => one.Labels), series.Items);
    }

    [Theory]
    [InlineData(null, "__name__ cluster n zone", "a b", "own z")]
    [InlineData("x{cluster=\"a\"}", "__name__ cluster n zone", "a", "own")]
    [InlineData("x{n=\"2\"}", "__name__ cluster n zone", "a", "own")]
    [InlineData("{zone=\"z\"}", "__name__ cluster n zone", "b", "z")]
    [InlineData("{cluster=\"a\", n=\"1\"}", "__name__ cluster n", "a", "")]
    [InlineData("{cluster=\"c\"}", "", "", "")]
    [InlineData("{n=\"9\"}", "", "", "")]
    public async Task LookUps_KnowTheLabelsOfBlocks(string? selector, string names, string clusters, string zones)
    {
        await FillAsync();
        VectorSelector[] selectors = selector is null ? [] : [SelectorParser.Parse(selector)];
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(names, string.Join(' ', (await reader.LabelNamesAsync(selectors, Range, 0, Token)).Items));
            foreach (var (name, values) in new[] { ("cluster", clusters), ("zone", zones) })
            {
                var found = await reader.LabelValuesAsync(name, selectors, Range, 0, Token);
                Assert.Equal(values, string.Join(' ', found.Items));
            }
        }
    }

    [Fact]
    public async Task Select_ADamagedBlock_IsLeftOutAndNamed_AndNothingIsWritten()
    {
        await FillAsync();
        var file = place.PathOf(1, "chunks/000001");
        var bytes = await File.ReadAllBytesAsync(file, Token);
        bytes[16] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Token);
        var before = Snapshot();
        for (var i = 0; i < 2; i++)
        {
            var found = await reader.SelectAsync([SelectorParser.Parse("x")], Range, Token);
            Assert.Equal("b", Assert.Single(found.Series).Labels.Get("cluster"));
            var warning = Assert.Single(found.Warnings);
            Assert.Contains($"attached 'thanos': block {UlidOf(1)} is damaged", warning, StringComparison.Ordinal);
        }
        Assert.Equal(before, Snapshot());
        Assert.Single(place.Container.Current.Blocks, block => block.IsDamaged);
    }

    [Fact]
    public async Task Select_ABlockThatWentMeanwhile_AnswersFromWhatIsThere()
    {
        await FillAsync();
        await reader.LabelNamesAsync([], Range, 0, Token);
        Directory.Delete(Path.GetDirectoryName(place.PathOf(1, "x"))!, recursive: true);
        using var fresh = new SelectionPlace().Reader();
        fresh.Attached = [place.Container];
        var found = await fresh.SelectAsync([SelectorParser.Parse("x")], Range, Token);
        Assert.Equal("b", Assert.Single(found.Series).Labels.Get("cluster"));
        Assert.Empty(found.Warnings);
    }

    private string Snapshot() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(place.Root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file):O}")
        );

    private async Task FillAsync()
    {
        await place.AddAsync(
            1,
            [
                BlockSamples.Series("__name__=x,cluster=own,n=1", (StartMs, 1)),
                BlockSamples.Series("__name__=x,n=2,zone=own", (StartMs, 2)),
            ],
            null,
            "cluster",
            "a"
        );
        await place.AddAsync(2, One("__name__=x,n=1,zone=own", 3), null, "cluster", "b", "zone", "z");
    }
}
