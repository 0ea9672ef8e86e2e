using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>
/// One invocation of <c>Collect</c>: takes what is due now, stores it, and ends; nothing runs between invocations.
/// </summary>
/// <param name="collector">What collects.</param>
/// <param name="fresh">What is read before.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="deadline">When it gives up: before the host does, which would kill the process.</param>
/// <param name="time">The clock.</param>
internal sealed class CollectInvocation(
    CollectorServer collector,
    Freshness fresh,
    JobRunner runner,
    TimeSpan deadline,
    TimeProvider time
)
{
    /// <summary>What another invocation of this moment has read is young enough.</summary>
    private static readonly TimeSpan LogAge = TimeSpan.FromSeconds(1);

    /// <summary>A source that is only missing because discovery is slow should not be ended.</summary>
    private static readonly TimeSpan DiscoveryPatience = TimeSpan.FromSeconds(10);

    /// <summary>So much before the next tick no further step into a gap is begun.</summary>
    private static readonly TimeSpan LastStep = TimeSpan.FromSeconds(5);

    /// <summary>What else is done in its invocations; null when all have invocations of their own.</summary>
    public SharedJobs? Shared { get; init; }

    /// <summary>Collects. Does not throw.</summary>
    public async Task<JobOutcome> RunAsync()
    {
        var began = time.GetTimestamp();
        using var late = new CancellationTokenSource(deadline, time);
        try
        {
            return await RunAsync(began, late.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return Late();
        }
    }

    private async Task<JobOutcome> RunAsync(long began, CancellationToken stop)
    {
        // Side by side: each is a request to the store.
        var reading = fresh.CollectedAsync(LogAge, stop);
        await fresh.ConfigAsync(stop);
        if (!collector.IsConfigured)
        {
            return new JobOutcome(HasFailed: true, $"nothing is collected: {collector.ConfigProblem}");
        }
        await fresh.TargetsAsync(DiscoveryPatience, stop);
        // Without it, the sources are scraped, and no series is taken for ended.
        var unread = await reading;
        var appended = 0;
        var hasPending = collector.Replicas.HasPending;
        // Beside the collecting: a target that does not answer must not hold up the others.
        var recognising = runner.TryAsync(collector.Replicas.RunAsync, "recognising replicas", stop);
        var problem = await CollectAsync();
        await recognising;
        if (hasPending && problem is null)
        {
            problem = await CollectAsync();
        }
        Task<string?> CollectAsync() =>
            runner.TryAsync(async token => appended += await collector.Collect.RunAsync(token), "collecting", stop);
        if (stop.IsCancellationRequested)
        {
            return Late();
        }
        var others = await ShareAsync(began);
        if (problem is not null)
        {
            return With(new JobOutcome(HasFailed: true, $"not everything is stored: {problem}"), others);
        }
        var filled = await BackfillAsync(stop);
        var text = $"{appended} of {collector.Collect.Targets().Count} targets were due and are stored{filled}";
        return With(
            new JobOutcome(
                HasFailed: false,
                unread is null ? text : $"{text}, without staleness markers, because the log cannot be read: {unread}"
            ),
            others
        );
    }

    /// <summary>Does the other jobs that are due in what is left of the time.</summary>
    private async Task<IReadOnlyList<JobOutcome>> ShareAsync(long began) =>
        Shared is null ? [] : await Shared.RunDueAsync(() => deadline - time.GetElapsedTime(began));

    private static JobOutcome With(JobOutcome outcome, IReadOnlyList<JobOutcome> others) =>
        others.Count == 0
            ? outcome
            : new JobOutcome(
                outcome.HasFailed || others.Any(other => other.HasFailed),
                string.Join("; ", [outcome.Text, .. others.Select(other => other.Text)])
            );

    /// <summary>Fills gaps in the time that is left: before the next tick is due, and within half of what the host allows.</summary>
    private async Task<string> BackfillAsync(CancellationToken stop)
    {
        if (!collector.Backfill.IsDue)
        {
            return "";
        }
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var dueMs = collector.Collect.NextDueMs(nowMs) ?? long.MaxValue;
        var untilDue = TimeSpan.FromMilliseconds(Math.Min(dueMs - nowMs, (long)deadline.TotalMilliseconds)) - LastStep;
        var result = new BackfillResult();
        await runner.TryAsync(
            async token =>
                result = await collector.Backfill.RunAsync(untilDue < deadline / 2 ? untilDue : deadline / 2, token),
            "filling gaps",
            stop
        );
        return result.Steps == 0 ? "" : $"; {result.Samples} samples of gaps are, too";
    }

    private JobOutcome Late()
    {
        var problem = $"stopped after {deadline.TotalSeconds} s: what was not answered by then is lost";
        collector.Failures.Failed("collecting", problem);
        return new JobOutcome(HasFailed: true, problem);
    }
}
