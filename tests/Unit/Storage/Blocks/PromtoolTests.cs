using System.Diagnostics;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Stores.Local;
using static Tributary.Tests.Unit.Storage.Blocks.BlockSamples;

namespace Tributary.Tests.Unit.Storage.Blocks;

/// <summary>Blocks of ours, opened by Prometheus' own tool.</summary>
public sealed class PromtoolTests
{
    private const string Promtool = "/usr/bin/promtool";

    [Theory]
    [InlineData(1, 5, 120)]
    [InlineData(2, 300, 480)]
    [InlineData(3, 300, 1)]
    public async Task Promtool_ListsAnalysesAndDumpsOurBlock(int seed, int count, int chunkSamples)
    {
        using var folder = new TestFolder();
        var ulid = Ulid.Create(1_700_000_000_000 + seed, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        const long start = 1_699_999_200_000;
        var series = RandomSeries.Make(seed, count, start, start + 7_200_000);
        var options = new BlockWriterOptions { MaxSegmentBytes = seed == 2 ? 20_000 : SegmentFormat.MaxBytes };
        var store = new LocalBlobStore(folder.Path, TimeProvider.System);
        await WriteAsync(store, ulid, series, chunkSamples, options);
        var data = Path.Combine(folder.Path, "blocks");
        // Without a folder for its log promtool takes this for no database.
        Directory.CreateDirectory(Path.Combine(data, "wal"));
        var list = await RunAsync("list", data);
        Assert.Contains(ulid.ToString(), list, StringComparison.Ordinal);
        Assert.Contains($" {series.Sum(s => s.Samples.Count)} ", list, StringComparison.Ordinal);
        var analysis = await RunAsync("analyze", data);
        Assert.Contains($"Series: {count}", analysis, StringComparison.Ordinal);
        var dumped = (await RunAsync("dump", data)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Dump(series).Order(StringComparer.Ordinal), dumped.Order(StringComparer.Ordinal));
        AssertEqual(series, await ReadAsync(await OpenAsync(store, $"blocks/{ulid}/")));
    }

    /// <summary>Runs promtool; skips the test (fails it in CI) where it is not installed.</summary>
    internal static async Task<string> RunAsync(params string[] arguments)
    {
        if (!File.Exists(Promtool))
        {
            const string reason = $"there is no {Promtool}: install the package 'prometheus'";
            Assert.False(Environment.GetEnvironmentVariable("CI") is { Length: > 0 }, reason);
            Assert.Skip(reason);
        }
        var start = new ProcessStartInfo(Promtool) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("tsdb");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)}: {await errors}");
        return output;
    }
}
