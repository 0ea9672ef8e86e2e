using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One life of a process that evaluates rules, put together as the server does it.</summary>
internal sealed class RuleProcess
{
    private readonly SimulatedInstance instance;
    private readonly CollectJob collect;
    private readonly EvaluateJob evaluate;
    private readonly RecentLog recent;
    private readonly SemaphoreSlim reading = new(1);
    private bool isLoaded;

    public RuleProcess(SimulatedInstance instance, RuleScenario scenario)
    {
        this.instance = instance;
        var blobs = scenario.Plant.Blobs(instance);
        var series = new SeriesTable();
        var writer = new LogWriter(blobs, instance.Time, () => Ulid.New(instance.Time, scenario.Names))
        {
            Acknowledged = batch => scenario.FirstTickMs ??= batch.Batch.TickMs,
        };
        recent = new RecentLog(blobs, series, writer, instance.Time);
        var scraper = new Scraper(
            _ => throw new InvalidOperationException(),
            instance.Time,
            series,
            new ScrapeLimits()
        );
        collect = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(instance.Tables, instance.Time),
            writer,
            recent,
            TickSchedule.Aligned,
            instance.Time
        );
        var queries = new QueryEngine(
            new RuleModel(scenario, recent),
            new EngineOptions { Parallelism = 1 },
            instance.Time
        );
        evaluate = new EvaluateJob(
            new EvaluateParts
            {
                Writer = writer,
                Recent = recent,
                Tables = instance.Tables,
                Queries = () => queries,
                ReadOn = ReadAsync,
                Notify = (alerts, _) =>
                {
                    foreach (var alert in alerts.Where(scenario.Plant.Arrives))
                    {
                        scenario.Told.Add(alert);
                        instance.World.Note(
                            $"{instance.Name} tells {alert.Labels}: {alert.StartsAtMs} to {alert.EndsAtMs}{(alert.IsResolved ? ", over" : "")}"
                        );
                    }
                    return Task.CompletedTask;
                },
            },
            TickSchedule.Aligned,
            instance.Time
        );
        if (scenario.Plant.TakesBatches)
        {
            collect.Evaluated = evaluate.Take;
        }
        evaluate.Configure(scenario.Groups, new RulesConfig(), new RuleSettings());
    }

    /// <summary>Passes at every scheduled time; at times another one beside one that is under way.</summary>
    public async Task ServeAsync(long untilMs)
    {
        var passes = new List<Task>();
        for (var nowMs = NowMs(); nowMs < untilMs; nowMs = NowMs())
        {
            passes.Add(PassAsync());
            var dueMs = evaluate.NextDueMs(nowMs)!.Value;
            await Task.Delay(TimeSpan.FromMilliseconds(dueMs - nowMs), instance.Time, CancellationToken.None);
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Makes up for everything, with a store that works.</summary>
    public async Task FinishAsync()
    {
        instance.Faults = FaultPolicy.None;
        await PassAsync();
        await PassAsync();
    }

    private async Task PassAsync()
    {
        try
        {
            if (!isLoaded)
            {
                await ReadAsync(CancellationToken.None);
            }
            await evaluate.RunAsync(CancellationToken.None);
        }
        catch (StoreException exception) when (exception.Error is StoreError.Unknown or StoreError.Throttled)
        {
            instance.World.Note($"{instance.Name} pass failed");
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        await reading.WaitAsync(stop);
        try
        {
            if (isLoaded)
            {
                await collect.RefreshAsync(stop);
                return;
            }
            await collect.LoadAsync(stop);
            recent.LoadHistory();
            isLoaded = true;
        }
        finally
        {
            reading.Release();
        }
    }

    private long NowMs() => instance.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
