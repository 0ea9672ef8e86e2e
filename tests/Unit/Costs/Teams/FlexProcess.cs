using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.PromQL.Evaluation;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>An instance of the function app: the process that the host starts, put together as it puts itself together.</summary>
internal sealed class FlexProcess : IDisposable
{
    private readonly SimulatedBlobStore blobs;
    private readonly SimulatedTableStore tables;
    private readonly ConfigReload reload;
    private readonly CollectorServer collector;
    private readonly Freshness fresh;
    private readonly ServerState state;
    private readonly Dictionary<string, (Payer Payer, Func<Task<JobOutcome>> Run)> jobs;
    private readonly JobRunner runner;
    private OperationCounts taken;

    public FlexProcess(SimulatedStorage storage, ManualTime time, Settings settings, DateTimeOffset started)
    {
        Started = LastUsed = started;
        (blobs, tables) = (storage.ImmediateBlobs(), storage.ImmediateTables());
        collector = new CollectorServer(settings, blobs, tables, time);
        var logger = NullLogger.Instance;
        reload = new ConfigReload(settings, collector, time, logger);
        reload.ServeAt(new Uri("http://127.0.0.1:7123/"));
        runner = new JobRunner(collector.Failures, logger);
        fresh = new Freshness(
            collector,
            reload,
            new DiscoverLoop(collector.Discover, collector.Watch, runner, logger),
            runner,
            time
        );
        state = collector.View(reload.ReloadAsync);
        var deadline = settings.Host!.Deadline;
        var compact = new CompactInvocation(
            collector,
            new Compaction(collector.Compact, () => collector.Config, logger),
            fresh,
            runner,
            deadline,
            time
        );
        var evaluate = new EvaluateInvocation(collector, fresh, runner, deadline, time);
        var export = new ExportInvocation(
            collector,
            new Exporting(collector.Exports, collector.RefreshExportedAsync, logger),
            fresh,
            runner,
            deadline,
            time
        );
        var collect = new CollectInvocation(collector, fresh, runner, deadline, time)
        {
            Shared = new SharedJobs(
                [
                    .. settings.SharedJobs.Select(job => new SharedJob(
                        job.Name,
                        job.Schedule,
                        job.Name == "Export" ? export.RunAsync : evaluate.RunAsync
                    )),
                ],
                time
            ),
        };
        jobs = new Dictionary<string, (Payer, Func<Task<JobOutcome>>)>(StringComparer.Ordinal)
        {
            ["Collect"] = (Payer.Collect, collect.RunAsync),
            ["Compact"] = (Payer.Compact, compact.RunAsync),
            ["Evaluate"] = (Payer.Evaluate, evaluate.RunAsync),
            ["Export"] = (Payer.Export, export.RunAsync),
        };
        fresh.Begin();
    }

    public DateTimeOffset Started { get; }

    public DateTimeOffset LastUsed { get; set; }

    /// <summary>The requests to the stores since the call before.</summary>
    public OperationCounts TakeCounts()
    {
        var all = OperationCounts.Of(StoreOperations.Sum(blobs.Operations, tables.Operations));
        var since = all - taken;
        taken = all;
        return since;
    }

    /// <summary>The host calls a function that is not HTTP.</summary>
    public Task<JobOutcome> CallAsync(string function) =>
        collector.Costs.InvokeAsync(jobs[function].Payer, jobs[function].Run, runner);

    /// <summary>Answers a range query as the endpoint does.</summary>
    public Task<int> AskAsync(string query, long startMs, long endMs, CancellationToken stop) =>
        collector.Costs.InvokeAsync(Payer.Query, () => AnswerAsync(query, startMs, endMs, stop), runner);

    private async Task<int> AnswerAsync(string query, long startMs, long endMs, CancellationToken stop)
    {
        await fresh.ConfigAsync(stop);
        Assert.Null(await fresh.DataAsync(stop));
        var result = await state.Queries().RangeAsync(query, startMs, endMs, 60_000, new QueryOptions(), stop);
        return result.Series.Count;
    }

    public void Dispose()
    {
        collector.Dispose();
        reload.Dispose();
    }
}
