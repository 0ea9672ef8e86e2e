using Microsoft.Extensions.Logging;
using Tributary.Configuration;
using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Functions;

public sealed class CollectLoopTests : ILogger
{
    private readonly CollectPlace place = new();
    private readonly List<string> lines = [];
    private readonly JobFailures failures = new(TimeProvider.System);
    private readonly Signal newTargets;

    public CollectLoopTests() => newTargets = new Signal(place.Time);

    [Fact]
    public async Task Run_EveryTick_IsTakenOnce_UntilItIsStopped()
    {
        using var stop = new CancellationTokenSource();
        var (loop, job) = Start(stop, "a", "b");
        for (var tick = 1; tick <= 4; tick++)
        {
            await CollectPlace.UntilAsync(() => job.Totals().All(source => source.Samples == tick));
            Assert.Equal(2 * tick, place.Asked.Count);
            place.Step();
        }
        await CollectPlace.UntilAsync(() => job.Totals().All(source => source.Samples == 5));
        await stop.CancelAsync();
        await loop;
        place.Step(5);
        Assert.Equal(10, place.Asked.Count);
        Assert.Empty(lines);
    }

    [Fact]
    public async Task Run_ASlowSource_DelaysNoTickOfTheOthers()
    {
        using var stop = new CancellationTokenSource();
        place.Answer = async (host, cancellationToken) =>
        {
            await Task.Delay(host is "slow" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken);
            return "m 1\n";
        };
        var (loop, job) = Start(stop, "fast", "slow");
        for (var tick = 1; tick <= 3; tick++)
        {
            await CollectPlace.UntilAsync(() => place.Asked.Count(host => host is "fast") == tick);
            await CollectPlace.UntilAsync(() =>
            {
                // The grace time of the first pass goes by.
                place.Time.Advance(TimeSpan.FromMilliseconds(1));
                return job.Totals()[0].Samples == tick;
            });
            place.Time.Advance(TimeSpan.FromMilliseconds(job.NextDueMs(place.NowMs)!.Value - place.NowMs));
        }
        Assert.Single(place.Asked, host => host is "slow");
        await stop.CancelAsync();
        await loop;
    }

    [Theory]
    [InlineData(true, "Error collecting failed, and is tried again at its next time: scripted: Unusable")]
    [InlineData(false, "Critical collecting failed by a bug, and is tried again at its next time")]
    public async Task Run_APassFails_IsLoggedAndTheNextTicksGoOn(bool isStore, string line)
    {
        using var stop = new CancellationTokenSource();
        place.Blobs.OnCall = (_, _, _) =>
            throw (isStore ? ScriptedBlobs.Error(StoreError.Unusable) : new InvalidOperationException("bug"));
        var (loop, job) = Start(stop, "a");
        await CollectPlace.UntilAsync(() => lines.Count == 1);
        Assert.Equal(line, lines[0]);
        Assert.StartsWith("collecting failed: ", Assert.Single(failures.Current), StringComparison.Ordinal);
        place.Blobs.OnCall = (_, _, effect) => effect();
        place.Step();
        await CollectPlace.UntilAsync(() => job.Totals()[0].Samples == 1 && !failures.Current.Any());
        Assert.Equal(1, failures.Counts["collecting"]);
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task Run_ATargetThatIsNew_IsScrapedAtOnce()
    {
        using var stop = new CancellationTokenSource();
        var (loop, job) = Start(stop);
        job.Configure([CollectPlace.Source("new")]);
        newTargets.Set();
        await CollectPlace.UntilAsync(() => job.Totals()[0].Samples == 1);
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task Run_ASourceThatLeft_EndsSoonThoughTheOthersAreScrapedRarely()
    {
        using var stop = new CancellationTokenSource();
        var (loop, job) = Start(stop, "left");
        await job.LoadAsync(stop.Token);
        place.Time.Advance(TimeSpan.FromSeconds(30));
        await CollectPlace.UntilAsync(() => job.Totals()[0].Samples > 0);
        job.Configure([CollectPlace.Source("rare") with { Interval = TimeSpan.FromHours(1) }]);
        newTargets.Set();
        await CollectPlace.UntilAsync(() => job.Totals()[0].Samples == 1);
        var alive = "";
        for (var step = 0; step < 15 && alive != "rare"; step++)
        {
            place.Time.Advance(TimeSpan.FromSeconds(10));
            for (var look = 0; look < 20 && alive != "rare"; look++)
            {
                await Task.Delay(20, CancellationToken.None);
                var reader = place.Start().Recent;
                await reader.LoadAsync(onBatch: null, CancellationToken.None);
                alive = place.Alive(reader);
            }
        }
        Assert.Equal("rare", alive);
        await stop.CancelAsync();
        await loop;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => lines.Add($"{logLevel} {formatter(state, exception)}");

    private (Task Loop, CollectJob Job) Start(CancellationTokenSource stop, params string[] hosts)
    {
        var job = place.Start(hosts).Job;
        var compact = new CompactJob(place.Blobs, place.Tables, place.Time, () => Ulid.New(place.Time, new Random(1)));
        var compaction = new Compaction(compact, () => new CollectorConfig(), this);
        var runner = new JobRunner(failures, this);
        var trim = new MemoryTrim(() => 0, () => 0);
        var loop = new CollectLoop(job, job.RefreshAsync, compaction, trim, runner, newTargets, place.Time);
        return (loop.RunAsync(stop.Token), job);
    }
}
