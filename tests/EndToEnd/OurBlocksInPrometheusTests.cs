using System.Globalization;
using Tributary.Exposition;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// What is collected from several sources – floats, classic and native histograms, series that end – becomes blocks that
/// Debian's promtool and Prometheus read as we do.
/// </summary>
public sealed class OurBlocksInPrometheusTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Everything = "{__name__=~\".+\"}";
    private const int Scrapes = 4;

    private static readonly TimeSpan Whole = TimeSpan.FromHours(24);

    private static readonly string[] Selectors =
    [
        Everything,
        "up",
        "events_total{n=~\"1.\"}",
        "{job=\"text\", le!=\"\"}",
        "special",
        "request_seconds",
        "{__name__=~\"weight|queue_length\", n!=\"x\"}",
        "old{n!~\"[12]\"}",
        "nothing",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task Collection_CompactedAndDownloaded_IsTheSameInPrometheus(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var end = await CollectAsync(installation);
        var result = await CompactAsync(installation.Storage);
        Assert.True(result is { LogBlocks: > 2, Merges: > 0 }, $"{result}");
        var blocks = new BlocksCommandLine(installation.Executable, installation.Storage);
        var prometheus = installation.Folder.Folder("prometheus");
        var data = PrometheusServer.DataFolder(prometheus);
        var ulids = await blocks.DownloadAsync(data);
        await CheckPromtoolAsync(installation.Storage, data, ulids);
        await using var server = await PrometheusServer.StartAsync(
            prometheus,
            _ => "global: {}",
            "--enable-feature=native-histograms",
            "--storage.tsdb.retention.time=10y"
        );
        await using var own = await installation.StartAsync("scrape_configs: []");
        foreach (var selector in Selectors)
        {
            foreach (var range in (TimeSpan?[])[null, Whole])
            {
                foreach (
                    var time in (DateTimeOffset[])[end, end - TimeSpan.FromSeconds(2), end - TimeSpan.FromHours(5)]
                )
                {
                    var theirs = await QueryAnswer.OfServerAsync(server.Http, selector, range, time);
                    var ours = await QueryAnswer.OfServerAsync(own.Http, selector, range, time);
                    Assert.Equal(theirs, ours);
                    Assert.True(
                        range is null || theirs.Count > 0 == (selector != "nothing") || time < end - Whole / 6,
                        selector
                    );
                }
            }
        }
    }

    /// <summary>Collects all kinds of samples, some of which end.</summary>
    /// <returns>A moment behind the last sample.</returns>
    private static async Task<DateTimeOffset> CollectAsync(Installation installation)
    {
        await using var sources = await MixedSources.StartAsync();
        await using var server = await installation.StartAsync(sources.Config());
        for (var phase = 0; phase < 2; phase++)
        {
            sources.Phase = phase;
            var enough = sources.Answers + Scrapes;
            await Patience.UntilAsync("scrapes", () => Task.FromResult(sources.Answers > enough), () => server.Log);
        }
        await server.StopAsync();
        return DateTimeOffset.UtcNow;
    }

    /// <summary>Compacts, also the window that is not over.</summary>
    private static async Task<CompactResult> CompactAsync(string storage)
    {
        var time = TimeProvider.System;
        var job = new CompactJob(
            StoredLog.Open(storage),
            StoredBlocks.Tables(storage),
            time,
            () => Ulid.New(time, Random.Shared)
        );
        var plan = new CompactPlan();
        var result = await job.RunAsync(
            plan with
            {
                LevelOne = plan.LevelOne with { Delay = TimeSpan.FromHours(-3) },
            },
            Token
        );
        Assert.Empty(result.Problems);
        return result;
    }

    /// <summary>promtool lists the blocks, analyses the newest one, and dumps the floats that we read, line for line.</summary>
    private static async Task CheckPromtoolAsync(string storage, string data, IReadOnlyList<string> ulids)
    {
        var list = await PromtoolAsync("list", data);
        Assert.All(ulids, ulid => Assert.Contains(ulid, list, StringComparison.Ordinal));
        foreach (var ulid in ulids)
        {
            Assert.Contains("\nSeries: ", await PromtoolAsync("analyze", data, ulid), StringComparison.Ordinal);
        }
        var dumped = (await PromtoolAsync("dump", data)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var reader = StoredBlocks.Reader(storage);
        var all = await reader.SelectAsync(
            [SelectorParser.Parse(Everything)],
            new TimeRange(0, long.MaxValue - 1),
            Token
        );
        Assert.Contains(all.Series, series => series.Samples.Any(sample => StaleMarker.IsStale(sample.Value)));
        Assert.Contains(all.Series, series => series.Histograms.Any(sample => sample.Value.IsStale));
        Assert.Equal(all.Series.SelectMany(Lines).Order(StringComparer.Ordinal), dumped.Order(StringComparer.Ordinal));
    }

    /// <summary>The tool of 2.42 dumps no histograms, and of a series nothing behind its first one.</summary>
    private static IEnumerable<string> Lines(SelectedSeries series)
    {
        var labels = string.Join(
            ", ",
            series.Labels.Labels.ToArray().Select(label => $"{label.Name}={Quote(label.Value)}")
        );
        var firstMs = series.Histograms.Count > 0 ? series.Histograms[0].TimestampMs : long.MaxValue;
        return series
            .Samples.Where(sample => sample.TimestampMs < firstMs)
            .Select(sample =>
                string.Create(CultureInfo.InvariantCulture, $"{{{labels}}} {Number(sample.Value)} {sample.TimestampMs}")
            );
    }

    private static string Quote(string value) =>
        '"'
        + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        + '"';

    /// <summary>As Go's <c>%g</c>, which keeps the sign of zero.</summary>
    private static string Number(double value)
    {
        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }
        var text = new byte[FloatFormat.MaxLength];
        return System.Text.Encoding.ASCII.GetString(text, 0, FloatFormat.Format(value, text));
    }

    private static async Task<string> PromtoolAsync(params string[] arguments)
    {
        var promtool = Requirement.Program("promtool", "prometheus");
        var (code, output, errors) = await ChildProcess.RunAsync(
            promtool,
            ["tsdb", .. arguments],
            Path.GetTempPath(),
            TimeSpan.FromMinutes(2)
        );
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {errors}");
        return output;
    }
}
