using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Functions.Serving;

/// <summary>The sources of a configuration, found once, for commands that look at them or ask them without storing anything.</summary>
internal sealed class SourceSet : IDisposable
{
    /// <summary>So long web servers and others have to say which targets there are.</summary>
    private static readonly TimeSpan DiscoveryLimit = TimeSpan.FromSeconds(30);

    private readonly HttpClientPool clients;
    private readonly DiscoverJob discover;
    private readonly SourceCollector collector;
    private readonly TimeProvider time;
    private IReadOnlyList<Target> targets = [];

    private SourceSet(CollectorConfig config, TimeProvider time)
    {
        this.time = time;
        clients = new HttpClientPool(time);
        var scraper = new Scraper(
            target => clients.For(target.Config.Http, target.UnixSocket),
            time,
            new SeriesTable(),
            new ScrapeLimits(),
            SeriesBudget.For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        )
        {
            MaxAge = config.OutOfOrderTimeWindow,
        };
        collector = new SourceCollector(scraper);
        Survey = new SourceSurvey(scraper);
        discover = new DiscoverJob(one => HttpClientFactory.Create(one, time), time, found => targets = found);
        discover.Configure(config);
    }

    /// <summary>Asks what sources say of themselves.</summary>
    public SourceSurvey Survey { get; }

    /// <summary>The sources in the order of the configuration, each with the targets that are its replicas.</summary>
    public IReadOnlyList<IReadOnlyList<Target>> Sources =>
        [.. targets.GroupBy(target => target.Source, StringComparer.Ordinal).Select(source => source.ToList())];

    /// <summary>What could not be found, without secrets.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Finds the targets of a configuration.</summary>
    public static async Task<SourceSet> OpenAsync(CollectorConfig config, TimeProvider time)
    {
        var found = new SourceSet(config, time);
        using var limit = new CancellationTokenSource(DiscoveryLimit, time);
        try
        {
            await found.discover.RefreshAsync(limit.Token);
            found.Problems = found.discover.Problems;
        }
        catch (OperationCanceledException)
        {
            found.Problems =
            [
                .. found.discover.Problems,
                $"not every discovery of targets answered within {DiscoveryLimit.TotalSeconds} s",
            ];
        }
        return found;
    }

    /// <summary>Collects a source once, as a server would at its first tick.</summary>
    public Task<Collected> CollectAsync(IReadOnlyList<Target> source)
    {
        var state = collector.CreateState();
        state.MarkLoaded();
        var turn = new SourceTurn(source, state, new SourceMemory(source[0].Source), NowMs);
        return collector.CollectAsync(turn, CancellationToken.None);
    }

    /// <summary>How a source would be split, and which way to pull all its samples works; asks the source.</summary>
    public async Task<(string Split, string Pull)> DescribeAsync(Target target, SourceMemory memory) =>
        (
            await collector.DescribeSplitAsync(target, memory, CancellationToken.None),
            await collector.DescribePullAsync(target, CancellationToken.None)
        );

    /// <summary>The clock, milliseconds since the epoch.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose()
    {
        discover.Dispose();
        clients.Dispose();
    }
}
