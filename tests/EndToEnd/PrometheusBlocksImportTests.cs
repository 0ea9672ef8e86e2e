using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Blocks that Debian's Prometheus wrote of its own scrapes, native histograms among them, are imported.</summary>
public sealed class PrometheusBlocksImportTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int Scrapes = 5;

    private static readonly string[] Selectors =
    [
        "{__name__=~\".+\"}",
        "request_seconds",
        "{job=\"text\", __name__!=\"events_total\"}",
        "{__name__=~\"weight|queue_length\"}",
    ];

    private static readonly TimeSpan Whole = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task Import_SnapshotOfAPrometheus_GivesItsSamples_AndAgainChangesNothing(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var sources = await MixedSources.StartAsync();
        var folder = installation.Folder.Folder("prometheus");
        // A snapshot would be quicker, but 2.42 cannot make one of native histograms that end.
        await using var prometheus = await PrometheusServer.StartAsync(
            folder,
            _ => sources.ConfigOfPrometheus(),
            "--enable-feature=native-histograms",
            "--storage.tsdb.min-block-duration=2s"
        );
        var data = PrometheusServer.DataFolder(folder);
        await AwaitBlocksAsync(data, sources.LiveAnswers + Scrapes, sources);
        sources.Phase = 1;
        var end = await AwaitBlocksAsync(data, sources.LiveAnswers + Scrapes, sources);
        var theirs = new List<IReadOnlyList<string>>();
        foreach (var selector in Selectors)
        {
            theirs.Add(await QueryAnswer.OfServerAsync(prometheus.Http, selector, null, end));
            theirs.Add(await QueryAnswer.OfServerAsync(prometheus.Http, selector, Whole, end));
            Assert.NotEmpty(theirs[^1]);
        }
        // It would go on to merge its blocks.
        prometheus.Freeze();
        var blocks = new BlocksCommandLine(installation.Executable, installation.Storage);
        var first = await blocks.RunAsync("import", data);
        // Frozen in the middle of a merge, it has a block and those that it was made of.
        var outcomes = first.EnumerateArray().Select(block => block.GetProperty("outcome").GetString()).ToList();
        Assert.Contains("imported", outcomes);
        Assert.All(outcomes, outcome => Assert.True(outcome is "imported" or "alreadyThere", outcome));
        var before = await blocks.RunAsync("ls");
        await CompareAsync(installation.Storage, theirs, end);
        var second = await blocks.RunAsync("import", data);
        Assert.All(
            second.EnumerateArray(),
            block => Assert.Equal("alreadyThere", block.GetProperty("outcome").GetString())
        );
        Assert.Equal(before.GetRawText(), (await blocks.RunAsync("ls")).GetRawText());
        await CompareAsync(installation.Storage, theirs, end);
        Assert.All(
            (await blocks.RunAsync("verify")).EnumerateArray(),
            verdict => Assert.Empty(verdict.GetProperty("problems").EnumerateArray())
        );
    }

    private static async Task CompareAsync(string storage, List<IReadOnlyList<string>> theirs, DateTimeOffset end)
    {
        for (var i = 0; i < Selectors.Length; i++)
        {
            Assert.Equal(theirs[2 * i], await QueryAnswer.OfStorageAsync(storage, Selectors[i], null, end));
            Assert.Equal(theirs[(2 * i) + 1], await QueryAnswer.OfStorageAsync(storage, Selectors[i], Whole, end));
        }
    }

    /// <summary>Waits until some scrapes are in blocks.</summary>
    /// <returns>The last moment that is.</returns>
    private static async Task<DateTimeOffset> AwaitBlocksAsync(string data, int answers, MixedSources sources)
    {
        await Patience.UntilAsync("scrapes", () => Task.FromResult(sources.LiveAnswers > answers));
        var scrapedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var endMs = 0L;
        await Patience.UntilAsync(
            "a block",
            () =>
            {
                endMs = Directory.GetFiles(data, "meta.json", SearchOption.AllDirectories).Select(EndOf).Max() ?? 0;
                return Task.FromResult(endMs > scrapedMs);
            }
        );
        return DateTimeOffset.FromUnixTimeMilliseconds(endMs - 1);
    }

    private static long? EndOf(string meta)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(meta));
            return document.RootElement.GetProperty("maxTime").GetInt64();
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // It is just being written, or went with a merge.
            return null;
        }
    }
}
