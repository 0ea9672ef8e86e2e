using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One life of a process that collects and fills gaps, put together as the server does it.</summary>
internal sealed class PullProcess
{
    private static readonly TimeSpan BackfillFor = TimeSpan.FromSeconds(25);
    private static readonly ScrapeLimits SmallLimits = new() { MaxLineBytes = 4096 };

    private readonly SimulatedInstance instance;
    private readonly SeededRandom random;
    private readonly CollectJob collect;
    private readonly BackfillJob backfill;
    private readonly SourceLedger ledger;
    private readonly SemaphoreSlim reading = new(1);
    private readonly List<Task> passes = [];
    private bool isLoaded;

    public PullProcess(SimulatedInstance instance, PullScenario scenario)
    {
        this.instance = instance;
        random = instance.World.Random;
        var series = new SeriesTable();
        var blobs = scenario.Plant.Blobs(scenario, instance);
        var writer = new LogWriter(blobs, instance.Time, NewName) { Acknowledged = Note };
        var recent = new RecentLog(blobs, series, writer, instance.Time);
        var http = scenario.Http(instance);
        var scraper = new Scraper(_ => http, instance.Time, series, SmallLimits);
        var sources = new SourceCollector(scraper);
        ledger = new SourceLedger(scenario.Plant.Tables(scenario, instance), instance.Time);
        collect = new CollectJob(sources, ledger, writer, recent, scenario.Schedule, instance.Time)
        {
            NewName = () => (uint)random.NextUInt64(),
        };
        backfill = new BackfillJob(
            collect,
            sources.PullRangeAsync,
            sources.CreateState,
            ledger,
            writer,
            recent,
            instance.Time
        )
        {
            Options = new BackfillOptions(scenario.Backfill.MaxAge, TimeSpan.FromHours(6), null),
        };
        collect.Configure([.. scenario.Sources.Values.Select(source => source.Target)]);
    }

    public SimulatedInstance Instance => instance;

    /// <summary>In-process timers: passes at every tick, none of which waits for another.</summary>
    public async Task ServeAsync(Func<long> untilMs)
    {
        await ReadAsync();
        for (var nowMs = NowMs(); nowMs < untilMs(); nowMs = await WaitAsync(collect.NextDueMs(nowMs)!.Value))
        {
            Start(random.Chance(0.5) ? InvokeAsync() : CollectAsync());
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Invocations: each reads on and takes what is due; a new one does not wait for the one before.</summary>
    public async Task BeInvokedAsync(Func<long> untilMs, TimeSpan every)
    {
        var everyMs = (long)every.TotalMilliseconds;
        for (var nowMs = NowMs(); nowMs < untilMs(); nowMs = await WaitAsync(nowMs - (nowMs % everyMs) + everyMs))
        {
            Start(InvokeAsync());
            await Task.Delay(random.NextDelay(TimeSpan.FromSeconds(1)), instance.Time, CancellationToken.None);
        }
        await Task.WhenAll(passes);
    }

    private async Task InvokeAsync()
    {
        await ReadAsync();
        await CollectAsync();
    }

    private async Task CollectAsync()
    {
        await TryAsync("a pass", () => collect.RunAsync(CancellationToken.None));
        if (backfill.IsDue)
        {
            await TryAsync("filling gaps", () => backfill.RunAsync(BackfillFor, CancellationToken.None));
        }
    }

    private async Task ReadAsync()
    {
        await reading.WaitAsync(CancellationToken.None);
        if (isLoaded)
        {
            await TryAsync("reading", () => collect.RefreshAsync(CancellationToken.None));
        }
        else
        {
            await TryAsync(
                "reading",
                async () =>
                {
                    await collect.LoadAsync(CancellationToken.None);
                    isLoaded = true;
                }
            );
        }
        reading.Release();
    }

    private async Task TryAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (StoreException exception) when (MayHappen(exception))
        {
            instance.World.Note($"{instance.Name} {what} failed: {exception.Message}");
        }
    }

    private void Note(AppendedBatch appended)
    {
        var batch = appended.Batch;
        var times = batch.Scraped.TimestampsMs.ToArray();
        var range = times.Length == 0 ? "" : $" of {PullHistory.Short(times.Min())}-{PullHistory.Short(times.Max())}";
        instance.World.Note(
            $"{instance.Name} {batch.Source} tick {PullHistory.Short(batch.TickMs)}: {batch.Report.Verdict}"
                + $", {times.Length} samples{range}, {batch.Report.Markers} markers {batch.Report.Error}"
        );
    }

    private Ulid NewName()
    {
        Span<byte> bytes = stackalloc byte[10];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)random.Next(256);
        }
        return Ulid.Create(NowMs(), bytes);
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
