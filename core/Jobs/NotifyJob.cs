using Tributary.Alerting;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Rules;

namespace Tributary.Jobs;

/// <summary>Notify: keeps the Alertmanagers of a configuration up to date, and sends them alerts.</summary>
/// <remarks>
/// Alerts are taken at once and sent behind the back of whoever hands them over: a slow Alertmanager holds up neither an
/// evaluation nor another Alertmanager. Behind the Functions host, where nothing goes on between invocations, an invocation
/// ends with <see cref="FlushAsync"/>.
/// </remarks>
public sealed class NotifyJob : IDisposable
{
    /// <summary>An Alertmanager that is found is sent what the others were sent for so long: as long as nothing is sent again.</summary>
    private static readonly TimeSpan RecentFor = TimeSpan.FromMinutes(1);

    private readonly Func<HttpClientConfig, HttpMessageInvoker> http;
    private readonly Func<Uri> externalUrl;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource lifetime = new();
    private readonly Dictionary<string, IReadOnlyList<TargetGroup>> found = new(StringComparer.Ordinal);
    private readonly List<Member> members = [];
    private readonly Queue<(long AtMs, IReadOnlyList<FiringAlert> Alerts)> recent = [];
    private CollectorConfig config = new();
    private List<AlertmanagerSet> sets = [];

    /// <summary>A notifier without Alertmanagers.</summary>
    /// <param name="discoveryHttp">Makes the HTTP client of a discovery; the discovery disposes it.</param>
    /// <param name="http">The client for an Alertmanager, asked for at each request.</param>
    /// <param name="externalUrl">Where others reach us.</param>
    /// <param name="time">The clock.</param>
    public NotifyJob(
        Func<HttpClientConfig, HttpMessageInvoker> discoveryHttp,
        Func<HttpClientConfig, HttpMessageInvoker> http,
        Func<Uri> externalUrl,
        TimeProvider time
    )
    {
        this.http = http;
        this.externalUrl = externalUrl;
        this.time = time;
        Discover = new DiscoverJob(discoveryHttp, time, _ => Resolve())
        {
            What = "alerting: alertmanagers item",
            ResolvePool = Remember,
        };
    }

    /// <summary>Finds the Alertmanagers: to be refreshed as that of targets.</summary>
    public DiscoverJob Discover { get; }

    /// <summary>Gets what operators should know, without secrets.</summary>
    public Action<string> Log { get; set; } = _ => { };

    /// <summary>What each item of the configuration found, in its order.</summary>
    public IReadOnlyList<AlertmanagerSet> Alertmanagers
    {
        get
        {
            lock (gate)
            {
                return sets;
            }
        }
    }

    /// <summary>What an operator has to look at, without secrets.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            // Not with the lock held: discovery tells of changes with its own.
            var problems = Discover.Problems;
            lock (gate)
            {
                return
                [
                    .. problems,
                    .. sets.SelectMany(set => set.Problems.Select(problem => $"alerting: {problem}")),
                    .. members
                        .Where(member => member.Queue.Problem is not null)
                        .Select(member =>
                            $"alerting: {member.Queue.Url.AbsoluteUri} does not take alerts: {member.Queue.Problem}"
                        ),
                ];
            }
        }
    }

    /// <summary>What became of the alerts, for each Alertmanager.</summary>
    public IReadOnlyList<AlertmanagerFigures> Figures()
    {
        lock (gate)
        {
            return [.. members.Select(member => member.Queue.Figures())];
        }
    }

    /// <summary>Takes a configuration. Alertmanagers that stay keep what waits for them.</summary>
    public void Configure(CollectorConfig taken)
    {
        lock (gate)
        {
            config = taken;
        }
        Discover.Configure(
            new CollectorConfig { ScrapeConfigs = [.. taken.Alerting.Alertmanagers.Select(one => one.Discovery)] }
        );
    }

    /// <summary>Takes alerts that are to be sent, and begins to send them.</summary>
    public void Notify(IReadOnlyList<FiringAlert> alerts)
    {
        lock (gate)
        {
            if (alerts.Count == 0 || config.Alerting.Alertmanagers.Count == 0)
            {
                return;
            }
            recent.Enqueue((NowMs(), alerts));
            ForgetOld();
            Send(members, alerts);
        }
    }

    /// <summary>
    /// Looks for Alertmanagers where that is due, and waits until all that waits was sent, or has failed once; both no longer
    /// than a limit.
    /// </summary>
    public async Task FinishAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var begun = time.GetTimestamp();
        try
        {
            await Discover.RefreshAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log(
                $"the search for Alertmanagers did not end within {limit.TotalSeconds} s; it begins again the next time"
            );
        }
        var rest = limit - time.GetElapsedTime(begun);
        await FlushAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancellationToken);
    }

    /// <summary>Waits until all that waits was sent, or has failed once; and no longer than a limit.</summary>
    public async Task FlushAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        List<AlertmanagerQueue> queues;
        lock (gate)
        {
            queues = [.. members.Select(member => member.Queue)];
            queues.ForEach(queue => queue.Hurry(lifetime.Token));
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var settled = Task.WhenAll(queues.Select(queue => queue.SettledAsync()));
        await Task.WhenAny(settled, Task.Delay(limit, time, ended.Token));
        End(ended);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Ends all sending; <see cref="FlushAsync"/> before it sends what waits.</summary>
    public async Task StopAsync()
    {
        List<AlertmanagerQueue> queues;
        lock (gate)
        {
            queues = [.. members.Select(member => member.Queue)];
        }
        End(lifetime);
        await Task.WhenAll(queues.Select(queue => queue.EndedAsync()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End(lifetime);
        lifetime.Dispose();
        Discover.Dispose();
    }

    /// <summary>Stops what waits, in place and at once.</summary>
    private static void End(CancellationTokenSource source) => source.Cancel();

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void ForgetOld()
    {
        var oldest = NowMs() - (long)RecentFor.TotalMilliseconds;
        while (
            recent.TryPeek(out var first)
            && (first.AtMs < oldest || recent.Sum(one => one.Alerts.Count) > Outbox.Capacity)
        )
        {
            recent.Dequeue();
        }
    }

    private void Send(IEnumerable<Member> some, IReadOnlyList<FiringAlert> alerts)
    {
        var notifications = Notifications.Of(
            alerts,
            config.Global.ExternalLabels,
            config.Alerting.AlertRelabelConfigs,
            externalUrl()
        );
        foreach (var set in some.GroupBy(member => member.Set))
        {
            var forSet = Notifications.Relabel(notifications, sets[set.Key].Config.AlertRelabelConfigs);
            foreach (var member in forSet.Count > 0 ? set : Enumerable.Empty<Member>())
            {
                member.Queue.Add(forSet, lifetime.Token);
            }
        }
    }

    private ScrapePool Remember(ScrapeConfig job, IEnumerable<TargetGroup> groups)
    {
        lock (gate)
        {
            found[job.JobName] = [.. groups];
        }
        return new ScrapePool { Config = job, Active = [] };
    }

    private void Resolve()
    {
        lock (gate)
        {
            sets =
            [
                .. config.Alerting.Alertmanagers.Select(one =>
                    AlertmanagerSet.Of(one, found.GetValueOrDefault(one.Discovery.JobName) ?? [])
                ),
            ];
            var former = members.ToList();
            members.Clear();
            for (var i = 0; i < sets.Count; i++)
            {
                foreach (var url in sets[i].Active)
                {
                    members.Add(MemberOf(i, url, former));
                }
            }
            former.ForEach(member => member.Queue.IsGone = true);
            ForgetOld();
            Send(members.FindAll(member => member.IsNew), [.. recent.SelectMany(one => one.Alerts)]);
        }
    }

    /// <summary>The queue of an address: the one that there was, of the same item if there are several.</summary>
    private Member MemberOf(int set, Uri url, List<Member> former)
    {
        bool IsSame(Member member) =>
            string.Equals(member.Queue.Url.AbsoluteUri, url.AbsoluteUri, StringComparison.Ordinal);
        var settings = sets[set].Config;
        var known = former.Find(member => member.Set == set && IsSame(member)) ?? former.Find(IsSame);
        if (known is null)
        {
            var queue = new AlertmanagerQueue(url, one => http(one.Http), text => Log(text), time)
            {
                Config = settings,
            };
            return new Member(set, queue, IsNew: true);
        }
        former.Remove(known);
        known.Queue.Config = settings;
        return new Member(set, known.Queue, IsNew: false);
    }

    /// <summary>An Alertmanager and the item of the configuration that found it.</summary>
    private sealed record Member(int Set, AlertmanagerQueue Queue, bool IsNew);
}
