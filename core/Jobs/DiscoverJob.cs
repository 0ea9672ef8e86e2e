using Tributary.Api;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Discovery.Azure;
using Tributary.Discovery.Dns;

namespace Tributary.Jobs;

/// <summary>Discover: keeps the targets of a configuration up to date: those that stand in it, and those that are discovered.</summary>
/// <remarks>
/// A refresh is a call: a server makes it when <see cref="WaitAsync"/> ends, a function at each of its own. What reads files
/// when they change calls <see cref="Touch"/>, which only makes a refresh due earlier.
/// </remarks>
/// <param name="http">Makes the HTTP client of a discovery; the discovery disposes it.</param>
/// <param name="time">The clock.</param>
/// <param name="changed">Gets all targets, in the order of the configuration, at every change; short, and not under way twice.</param>
public sealed class DiscoverJob(
    Func<HttpClientConfig, HttpMessageInvoker> http,
    TimeProvider time,
    Action<IReadOnlyList<Target>> changed
) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly DiscoveryKinds kinds = new(http, time);
    private readonly List<DiscoveryRun> runs = [];
    private readonly Dictionary<string, PoolTotals> totals = new(StringComparer.Ordinal);
    private List<Pool> pools = [];
    private TaskCompletionSource woken = new();

    /// <summary>What problems call a job.</summary>
    public string What { get; init; } = "job";

    /// <summary>Makes a pool of what was found for a job.</summary>
    internal Func<ScrapeConfig, IEnumerable<TargetGroup>, ScrapePool> ResolvePool { get; init; } = TargetDiscovery.Pool;

    /// <summary>All pools, in the order of the configuration.</summary>
    public IReadOnlyList<ScrapePool> Pools
    {
        get
        {
            lock (gate)
            {
                return [.. pools.Select(pool => pool.Resolved)];
            }
        }
    }

    /// <summary>What an operator has to look at, without secrets: discoveries that fail, targets that are not usable, limits.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. runs.SelectMany(run =>
                        run.Provider.Problems.Select(problem => $"{What} {JobOf(run)}: {problem}")
                    ),
                    .. pools.SelectMany(pool => ProblemsOf(pool.Resolved)),
                ];
            }
        }
    }

    /// <summary>The folders in which files of targets are.</summary>
    public IReadOnlyList<string> Folders
    {
        get
        {
            lock (gate)
            {
                var files = runs.Select(run => run.Provider).OfType<FileDiscovery>();
                return [.. files.SelectMany(file => file.Folders).Distinct(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Takes a configuration. Discoveries that stay keep what they found; new ones are due at once.</summary>
    public void Configure(CollectorConfig config)
    {
        lock (gate)
        {
            var former = runs.ToList();
            runs.Clear();
            pools = [.. config.ScrapeConfigs.Select(job => new Pool(job, [.. RunsOf(job, former)]))];
            foreach (var run in former.Except(runs))
            {
                run.IsGone = true;
                DisposeIfFree(run);
            }
            foreach (var name in totals.Keys.Except(pools.Select(pool => pool.Job.JobName)).ToList())
            {
                totals.Remove(name);
            }
            pools.ForEach(Resolve);
            Publish();
        }
        Wake();
    }

    /// <summary>The first moment at which a discovery is due; null when there is none, or all are under way.</summary>
    public long? NextDueMs()
    {
        lock (gate)
        {
            return runs.Where(run => !run.IsBusy).Min(run => (long?)run.DueMs);
        }
    }

    /// <summary>Says that files in a folder have changed: the discoveries that read them are due soon.</summary>
    public void Touch(string folder)
    {
        lock (gate)
        {
            foreach (var run in runs)
            {
                if (run.Provider is FileDiscovery files && files.Folders.Contains(folder, StringComparer.Ordinal))
                {
                    run.Touch(NowMs());
                }
            }
        }
        Wake();
    }

    /// <summary>One pass: refreshes what is due and not under way; each discovery's targets count as soon as it is done.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var nowMs = NowMs();
        List<DiscoveryRun> due;
        lock (gate)
        {
            due = runs.FindAll(run => !run.IsBusy && run.DueMs <= nowMs);
            due.ForEach(run => run.Begin(nowMs));
        }
        await Task.WhenAll(due.Select(run => RefreshAsync(run, cancellationToken)));
    }

    /// <summary>Waits until a discovery is due, or something happened after which one may be.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Task signal;
        lock (gate)
        {
            if (woken.Task.IsCompleted)
            {
                woken = new TaskCompletionSource();
            }
            signal = woken.Task;
        }
        var delay = LongestWait;
        if (NextDueMs() is { } dueMs)
        {
            var nowMs = NowMs();
            var waitMs = dueMs <= nowMs ? 0 : Math.Min(dueMs - nowMs, (long)LongestWait.TotalMilliseconds);
            delay = TimeSpan.FromMilliseconds(waitMs);
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(signal, Task.Delay(delay, time, ended.Token));
        End(ended);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Pools for the API.</summary>
    public IReadOnlyList<ScrapePoolStatus> Status()
    {
        lock (gate)
        {
            return [.. pools.Select(Status)];
        }
    }

    /// <summary>Figures for <c>/metrics</c>.</summary>
    public DiscoveryFigures Figures()
    {
        lock (gate)
        {
            return new DiscoveryFigures
            {
                Pools = [.. pools.Select(Figures)],
                Discoveries =
                [
                    .. runs.Select(run => new DiscoveryTotals(run.Provider.Mechanism, JobOf(run), run.Provider.Failures)
                    {
                        Lookups = (run.Provider as DnsDiscovery)?.Lookups ?? 0,
                        CacheHits = (run.Provider as AzureDiscovery)?.CacheHits ?? 0,
                    }),
                ],
                FileWrittenSeconds = runs.Select(run => run.Provider)
                    .OfType<FileDiscovery>()
                    .SelectMany(files => files.WrittenSeconds)
                    .DistinctBy(file => file.Key, StringComparer.Ordinal)
                    .ToDictionary(StringComparer.Ordinal),
            };
        }
    }

    /// <summary>Gives up the discoveries that are not under way.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var run in runs)
            {
                run.IsGone = true;
                DisposeIfFree(run);
            }
            runs.Clear();
        }
    }

    private async Task RefreshAsync(DiscoveryRun run, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        try
        {
            hasChanged = await run.Provider.RefreshAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                run.End();
                DisposeIfFree(run);
                var touched = pools.FindAll(pool => hasChanged && pool.Runs.Contains(run));
                if (touched.Count > 0)
                {
                    touched.ForEach(Resolve);
                    Publish();
                }
            }
            Wake();
        }
    }

    /// <summary>The discoveries of a job: equal ones are shared, and taken over from the former configuration.</summary>
    private IEnumerable<DiscoveryRun> RunsOf(ScrapeConfig job, List<DiscoveryRun> former)
    {
        foreach (var wanted in kinds.Of(job))
        {
            bool IsSame(DiscoveryRun run) => wanted.IsSame(run.Config);
            var run = runs.Find(IsSame);
            if (run is null)
            {
                run = former.Find(IsSame) ?? new DiscoveryRun(wanted.Config, wanted.Create());
                runs.Add(run);
            }
            yield return run;
        }
    }

    private void Resolve(Pool pool)
    {
        pool.Resolved = ResolvePool(pool.Job, pool.Groups());
        var known = totals.GetValueOrDefault(pool.Job.JobName);
        totals[pool.Job.JobName] = new PoolTotals(
            known.Syncs + 1,
            known.Failed + pool.Resolved.RejectedCount,
            known.Exceeded + (pool.Resolved.Problem is null ? 0 : 1)
        );
    }

    private void Publish() => changed([.. pools.SelectMany(pool => pool.Resolved.Active)]);

    /// <summary>The first of the jobs that a discovery is for.</summary>
    private string JobOf(DiscoveryRun run) => pools.Find(pool => pool.Runs.Contains(run))?.Job.JobName ?? "";

    private static ScrapePoolStatus Status(Pool pool)
    {
        var resolved = pool.Resolved;
        return new ScrapePoolStatus
        {
            Name = resolved.Name,
            ActiveCount = resolved.Active.Count,
            Dropped =
            [
                .. resolved.Dropped.Select(labels => new DroppedTargetStatus(
                    resolved.Name,
                    Redaction.OfLabels(labels)
                )),
            ],
            DroppedCount = resolved.DroppedCount,
            Rejected = resolved.Rejected,
            RejectedCount = resolved.RejectedCount,
            Error = resolved.Problem ?? "",
            Notes = NotesOn(pool),
        };
    }

    private static List<string> NotesOn(Pool pool)
    {
        var problems = pool.Runs.SelectMany(run => run.Provider.Problems).ToList();
        if (problems.Count > 0 || pool.Resolved is not { Active.Count: 0, RejectedCount: 0 })
        {
            return problems;
        }
        return pool.Resolved.DroppedCount > 0 ? ["relabel_configs drop every target"]
            : pool.Runs.Count == 0 ? ["no targets: there are no static_configs, and no discovery that is served"]
            :
            [
                .. pool.Job.FileSdConfigs.Select(NothingIn),
                .. pool
                    .Runs.Select(run => run.Provider)
                    .Where(provider => provider is not FileDiscovery)
                    .Select(provider => $"{provider.Mechanism}_sd: no targets yet"),
            ];
    }

    private static string NothingIn(FileSdConfig files) =>
        $"file_sd: no targets in {string.Join(", ", files.Files.Take(3))}{(files.Files.Count > 3 ? ", …" : "")}: "
        + "is the path right, and is the file there?";

    private PoolFigures Figures(Pool pool)
    {
        var known = totals[pool.Job.JobName];
        return new PoolFigures(
            pool.Job.JobName,
            pool.Groups().Sum(group => group.Targets.Count),
            pool.Resolved.Active.Count,
            pool.Job.Limits.TargetLimit,
            known.Syncs,
            known.Failed,
            known.Exceeded
        );
    }

    private static IEnumerable<string> ProblemsOf(ScrapePool pool)
    {
        if (pool.RejectedCount > 0)
        {
            var more = pool.RejectedCount == 1 ? "" : $" (and {pool.RejectedCount - 1} more)";
            yield return $"job {pool.Name}: a target cannot be scraped: {pool.Rejected[0]}{more}";
        }
        if (pool.Problem is { } problem)
        {
            yield return $"job {pool.Name}: {problem}";
        }
        foreach (var note in pool.Notes)
        {
            yield return $"job {pool.Name}: {note}";
        }
    }

    private static void DisposeIfFree(DiscoveryRun run)
    {
        if (run is { IsGone: true, IsBusy: false })
        {
            run.Provider.Dispose();
        }
    }

    /// <summary>Stops a timer, in place and at once.</summary>
    private static void End(CancellationTokenSource timer) => timer.Cancel();

    /// <summary>Ends a wait. Not with the lock held: what waits may go on before this returns.</summary>
    private void Wake()
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            waiting = woken;
        }
        waiting.TrySetResult();
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A job with its discoveries, and the targets of both.</summary>
    private sealed class Pool(ScrapeConfig job, IReadOnlyList<DiscoveryRun> runs)
    {
        private readonly IReadOnlyList<TargetGroup> inFile = TargetDiscovery.StaticGroups(job);

        public ScrapeConfig Job { get; } = job;

        public IReadOnlyList<DiscoveryRun> Runs { get; } = runs;

        public ScrapePool Resolved { get; set; } = new() { Config = job, Active = [] };

        public IEnumerable<TargetGroup> Groups() => inFile.Concat(Runs.SelectMany(run => run.Provider.Groups));
    }

    private readonly record struct PoolTotals(long Syncs, long Failed, long Exceeded);
}
