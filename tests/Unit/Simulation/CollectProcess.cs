using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One life of a collecting process, put together as the server does it.</summary>
internal sealed class CollectProcess
{
    private static readonly ScrapeLimits SmallLimits = new() { MaxLineBytes = 4096 };

    private readonly SimulatedInstance instance;
    private readonly SeededRandom random;
    private readonly CollectJob collect;
    private readonly SemaphoreSlim reading = new(1);
    private readonly List<Task> passes = [];
    private bool isLoaded;

    public CollectProcess(SimulatedInstance instance, CollectScenario scenario, CollectPlant plant, int number)
    {
        this.instance = instance;
        random = instance.World.Random;
        var series = new SeriesTable();
        var blobs = plant.Writing(instance);
        var names = plant.Names(instance, number);
        var writer = new LogWriter(blobs, instance.Time, () => scenario.History.Named(instance, names()))
        {
            Limits = scenario.DrawLimits(),
            Acknowledged = batch => scenario.History.Acknowledge(instance, batch),
        };
        Recent = new RecentLog(blobs, series, writer, instance.Time);
        var http = plant.Http(instance, scenario.Sources);
        var scraper = new Scraper(_ => http, instance.Time, series, SmallLimits);
        collect = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(instance.Tables, instance.Time),
            writer,
            Recent,
            scenario.Schedule,
            instance.Time
        );
        collect.Configure([.. scenario.Sources.Values.Select(source => source.Target)]);
    }

    public RecentLog Recent { get; }

    public SimulatedInstance Instance => instance;

    /// <summary>When the log was read, milliseconds since the epoch.</summary>
    public long? LoadedMs { get; private set; }

    /// <summary>In-process timers: passes at every tick and readings in between, none of which waits for another.</summary>
    public async Task ServeAsync(long untilMs)
    {
        await ReadAsync();
        var nowMs = NowMs();
        var readMs = nowMs;
        while (nowMs < untilMs)
        {
            Start(CollectAsync());
            if (nowMs - readMs >= 30_000)
            {
                readMs = nowMs;
                Start(ReadAsync());
            }
            nowMs = await WaitAsync(collect.NextDueMs(nowMs)!.Value);
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Invocations: each reads on, if others may collect, too, and takes what is due; a new one does not wait for the one before.</summary>
    public async Task BeInvokedAsync(long untilMs, TimeSpan every)
    {
        var everyMs = (long)every.TotalMilliseconds;
        for (var nowMs = NowMs(); nowMs < untilMs; nowMs = await WaitAsync(nowMs - (nowMs % everyMs) + everyMs))
        {
            Start(InvokeAsync());
            await Task.Delay(random.NextDelay(TimeSpan.FromSeconds(1)), instance.Time, CancellationToken.None);
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Reads on, until it works.</summary>
    public async Task ReadToEndAsync()
    {
        instance.Faults = FaultPolicy.None;
        await ReadAsync();
        Recent.LoadHistory();
    }

    private async Task InvokeAsync()
    {
        if (!collect.IsAlone)
        {
            await ReadAsync();
        }
        await CollectAsync();
    }

    private async Task CollectAsync()
    {
        try
        {
            await collect.RunAsync(CancellationToken.None);
        }
        catch (StoreException exception) when (MayHappen(exception))
        {
            instance.World.Note($"{instance.Name} pass failed");
        }
    }

    private async Task ReadAsync()
    {
        await reading.WaitAsync(CancellationToken.None);
        try
        {
            if (isLoaded)
            {
                await collect.RefreshAsync(CancellationToken.None);
                return;
            }
            await collect.LoadAsync(CancellationToken.None);
            isLoaded = true;
            LoadedMs = instance.World.Time.GetUtcNow().ToUnixTimeMilliseconds();
            if (random.Chance(0.7))
            {
                Recent.LoadHistory();
            }
        }
        catch (StoreException exception) when (MayHappen(exception))
        {
            instance.World.Note($"{instance.Name} reading failed");
        }
        finally
        {
            reading.Release();
        }
    }

    private void Start(Task pass)
    {
        passes.RemoveAll(earlier => earlier.IsCompletedSuccessfully);
        passes.Add(pass);
    }

    private async Task<long> WaitAsync(long untilMs)
    {
        for (var nowMs = NowMs(); nowMs < untilMs; nowMs = NowMs())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(untilMs - nowMs), instance.Time, CancellationToken.None);
        }
        return untilMs;
    }

    private long NowMs() => instance.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A store that does not answer may end a pass; that a place or a name is lost may not.</summary>
    private static bool MayHappen(StoreException exception) =>
        exception.Error is StoreError.Unknown or StoreError.Throttled;
}
