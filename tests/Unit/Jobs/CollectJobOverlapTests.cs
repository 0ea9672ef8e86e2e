using System.Net;
using System.Text;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Passes overlap: no source is scraped twice at once, whatever becomes of the others of its pass.</summary>
public sealed class CollectJobOverlapTests
{
    private readonly SimulatedWorld world = new(1);

    [Fact]
    public void Pass_ThatEnds_LeavesASourceToTheLaterPassThatHoldsIt() =>
        world.Run(async () =>
        {
            var http = new SlowHttp(world.Time);
            var collect = Collect(http, world.Storage.ImmediateBlobs(), "fast", "slow");
            http.Delays["slow"] = TimeSpan.FromSeconds(20);
            var first = collect.RunAsync(CancellationToken.None);
            await world.DelayAsync(TimeSpan.FromSeconds(15));
            http.Delays["fast"] = TimeSpan.FromSeconds(12);
            var second = collect.RunAsync(CancellationToken.None);
            await first;
            await collect.RunAsync(CancellationToken.None);
            await second;
            Assert.Equal(2, http.Requests["fast"]);
            Assert.Equal(1, http.MostAtOnce["fast"]);
        });

    [Fact]
    public void Pass_WhoseAppendFails_EndsOnlyWhenItsScrapesHave() =>
        world.Run(async () =>
        {
            var http = new SlowHttp(world.Time);
            var collect = Collect(http, new DeniedAppends(world.Storage.ImmediateBlobs()), "fast", "slow");
            http.Delays["slow"] = TimeSpan.FromSeconds(20);
            await Assert.ThrowsAsync<StoreException>(() => collect.RunAsync(CancellationToken.None));
            Assert.Equal(0, http.UnderWay);
        });

    [Fact]
    public void Target_ThatLeavesTheConfigurationDuringItsScrape_GetsMarkers() =>
        world.Run(async () =>
        {
            var http = new SlowHttp(world.Time);
            var collect = Collect(http, world.Storage.ImmediateBlobs(), "fast");
            await collect.LoadAsync(CancellationToken.None);
            http.Delays["fast"] = TimeSpan.FromSeconds(2);
            var pass = collect.RunAsync(CancellationToken.None);
            await world.DelayAsync(TimeSpan.FromSeconds(1));
            collect.Configure([]);
            await pass;
            await world.DelayAsync(TimeSpan.FromSeconds(60));
            await collect.RefreshAsync(CancellationToken.None);
            Assert.Equal(1, await collect.RunAsync(CancellationToken.None));
            Assert.Equal(6, new LogOracle(world.Storage).Batches[^1].Samples.Count(sample => sample.IsMarker));
        });

    private CollectJob Collect(SlowHttp http, IBlobStore blobs, params string[] hosts)
    {
        var series = new SeriesTable();
        var writer = new LogWriter(blobs, world.Time, () => new Ulid(world.Random.NextUInt64()));
        var recent = new RecentLog(blobs, series, writer, world.Time);
        var scraper = new Scraper(_ => http, world.Time, series, new ScrapeLimits());
        var collect = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(new SimulatedStorage(world.Time).ImmediateTables(), world.Time),
            writer,
            recent,
            TickSchedule.Aligned,
            world.Time
        );
        collect.Configure([
            .. hosts.Select(host => new Target
            {
                Source = $"job/{host}/0",
                Config = new ScrapeConfig { JobName = "job" },
                Url = new Uri($"http://{host}/metrics"),
                Labels = LabelSet.Of("instance", host),
                Interval = TimeSpan.FromSeconds(15),
                Timeout = TimeSpan.FromSeconds(60),
            }),
        ]);
        return collect;
    }

    private sealed class DeniedAppends(IBlobStore inner) : PassingBlobs(inner)
    {
        public override Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        ) => Task.FromException<long>(new StoreException(StoreError.Denied, "no"));
    }

    /// <summary>Answers each host after its delay, and counts.</summary>
    private sealed class SlowHttp(TimeProvider time) : HttpMessageInvoker(new HttpClientHandler())
    {
        private readonly Dictionary<string, int> atOnce = new(StringComparer.Ordinal);

        public Dictionary<string, TimeSpan> Delays { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Requests { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> MostAtOnce { get; } = new(StringComparer.Ordinal);

        public int UnderWay => atOnce.Values.Sum();

        public override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var host = request.RequestUri!.Host;
            Requests[host] = Requests.GetValueOrDefault(host) + 1;
            atOnce[host] = atOnce.GetValueOrDefault(host) + 1;
            MostAtOnce[host] = Math.Max(MostAtOnce.GetValueOrDefault(host), atOnce[host]);
            await Task.Delay(Delays.GetValueOrDefault(host), time, cancellationToken);
            atOnce[host]--;
            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent("m 1\n", Encoding.UTF8, "text/plain"),
            };
        }
    }
}
