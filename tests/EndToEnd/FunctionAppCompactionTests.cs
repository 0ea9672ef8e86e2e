using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Compact as the host calls it, over samples of windows that are over.</summary>
public sealed class FunctionAppCompactionTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int SeriesCount = 40;
    private const int Kills = 20;
    private const int MinKills = 2;
    private const string Never = "0 0 0 1 1 *";
    private const string NothingLeft = "0 blocks made of the log, 0 of blocks";

    /// <summary>Accepted still, and so long ago that all windows are over.</summary>
    private static readonly TimeSpan First = TimeSpan.FromMinutes(350);
    private static readonly TimeSpan Last = TimeSpan.FromMinutes(140);

    [Fact]
    public async Task Compact_WindowsThatAreOver_BecomeBlocksWithEverySample()
    {
        await using var app = await App.StartAsync(executable, azurite);
        await using (var host = await app.HostAsync())
        {
            await CallAsync(host, HostedTributary.Collect);
            var compacted = await CallAsync(host, "Compact");
            Assert.Contains("blocks made of the log", compacted.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("0 blocks made of the log", compacted.Body, StringComparison.Ordinal);
            Assert.Contains(NothingLeft, (await CallAsync(host, "Compact")).Body, StringComparison.Ordinal);
            Assert.Equal("", host.Errors);
        }
        await app.AssertBlocksAsync();
    }

    [Fact]
    public async Task Compact_KilledAgainAndAgain_LosesAndDoublesNothing()
    {
        var random = new Random(1);
        var apps = new List<App>();
        try
        {
            for (var kill = 0; kill < TestScale.Of(Kills, MinKills); kill++)
            {
                apps.Add(await App.StartAsync(executable, azurite));
                await using var host = await apps[^1].HostAsync();
                await CallAsync(host, HostedTributary.Collect);
                var call = host.CallTimerAsync("Compact");
                await Task.Delay(random.Next(1200), TestContext.Current.CancellationToken);
                await host.KillAsync();
                await call;
            }
            foreach (var app in apps)
            {
                await using var host = await app.HostAsync();
                // The lease of the one that was killed runs for a minute.
                await Patience.UntilAsync(
                    "everything to be compacted",
                    async () => (await CallAsync(host, "Compact")).Body.Contains(NothingLeft, StringComparison.Ordinal),
                    () => host.Log
                );
                await app.AssertBlocksAsync();
            }
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    private static async Task<Invocation> CallAsync(FunctionHost host, string function)
    {
        var result = await host.CallTimerAsync(function);
        Assert.True(result.Outcome == Outcome.Succeeded, $"{result}\n{host.Log}");
        return result;
    }

    /// <summary>An app that collects from a source whose samples are hours old.</summary>
    private sealed class App : IAsyncDisposable
    {
        private readonly Installation installation;
        private readonly FakeSource source;
        private readonly HostOptions options;
        private readonly IReadOnlyList<string> expected;
        private int copies;

        private App(Installation installation, FakeSource source, IReadOnlyList<string> expected)
        {
            this.installation = installation;
            this.source = source;
            this.expected = expected;
            var config = $"scrape_configs: [{{job_name: j, static_configs: [{{targets: ['{source.Authority}']}}]}}]";
            options = installation.Options(installation.Folder.Write("tributary.yml", config), Never) with
            {
                FiresTimers = false,
            };
        }

        public static async Task<App> StartAsync(TributaryExecutable executable, AzuriteFixture azurite)
        {
            var samples = OldSamples.Make(SeriesCount, First, Last);
            var source = await FakeSource.StartAsync(_ => samples.Body);
            var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
            return new App(installation, source, samples.Dump(source.Authority));
        }

        public Task<FunctionHost> HostAsync() => FunctionHost.StartAsync(options);

        /// <summary>Every sample is in one live block, as Prometheus' own tool sees them, and none in two.</summary>
        public async Task AssertBlocksAsync()
        {
            var blocks = await StoredBlocks.CopyAsync(
                installation.Storage,
                installation.Folder.Folder($"blocks-{++copies}")
            );
            Assert.InRange(blocks.Count, 2, 3);
            Assert.Equal(expected.Count, blocks.Samples);
            var dumped = await blocks.DumpAsync(OldSamples.Metric);
            Assert.Equal(expected, dumped.Order(StringComparer.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            installation.Dispose();
            await source.DisposeAsync();
        }
    }
}
