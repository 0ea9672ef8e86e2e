namespace Tributary.Functions.Serving;

/// <summary>
/// One invocation of <c>Evaluate</c>: makes the evaluations of rules that are due now or were missed, sends alerts, passes
/// samples on by remote write, and ends.
/// </summary>
/// <param name="collector">Whose rules they are.</param>
/// <param name="fresh">What is read before.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="deadline">When it gives up: before the host does, which would kill the process.</param>
/// <param name="time">The clock.</param>
internal sealed class EvaluateInvocation(
    CollectorServer collector,
    Freshness fresh,
    JobRunner runner,
    TimeSpan deadline,
    TimeProvider time
)
{
    /// <summary>What another invocation of this moment has read is young enough.</summary>
    private static readonly TimeSpan LogAge = TimeSpan.FromSeconds(1);

    /// <summary>What waits for a source asks which sources there are; a discovery that is slow is not waited for.</summary>
    private static readonly TimeSpan DiscoveryPatience = TimeSpan.FromSeconds(5);

    /// <summary>So long the call waits for Alertmanagers; what they did not take is sent again by the next call.</summary>
    private static readonly TimeSpan AlertsPatience = TimeSpan.FromSeconds(10);

    /// <summary>Remote write begins no request after this part of the time; what is left over is sent by the next call.</summary>
    private const int WritePart = 3;

    /// <summary>Evaluates. Does not throw.</summary>
    public Task<JobOutcome> RunAsync() => RunAsync(deadline);

    /// <summary>Evaluates in so much time. Does not throw.</summary>
    public async Task<JobOutcome> RunAsync(TimeSpan within)
    {
        using var late = new CancellationTokenSource(within, time);
        try
        {
            return await RunAsync(within, late.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return Late(within);
        }
    }

    private async Task<JobOutcome> RunAsync(TimeSpan within, CancellationToken stop)
    {
        var reading = fresh.WrittenAsync(LogAge, stop);
        await fresh.ConfigAsync(stop);
        if (!collector.IsConfigured)
        {
            return new JobOutcome(HasFailed: true, $"nothing is evaluated: {collector.ConfigProblem}");
        }
        await fresh.SourcesAsync(DiscoveryPatience, stop);
        if (await reading is { } unread)
        {
            // They would be made without what they are about.
            return new JobOutcome(HasFailed: true, $"nothing is evaluated, because the log cannot be read: {unread}");
        }
        var appended = 0;
        var problem = await runner.TryAsync(
            async token => appended = await collector.Evaluate.RunAsync(token),
            "evaluating rules",
            stop
        );
        // Behind the rules, whose results are passed on with the rest; a destination that is down holds up no alert.
        var writing = runner.TryAsync(
            token => collector.RemoteWrite.RunAsync(within / WritePart, token),
            "remote write",
            stop
        );
        await runner.TryAsync(token => collector.Alerting.FinishAsync(AlertsPatience, token), "sending alerts", stop);
        await writing;
        if (stop.IsCancellationRequested)
        {
            return Late(within);
        }
        return problem is null
            ? new JobOutcome(
                HasFailed: false,
                $"{appended} evaluations of {collector.Config.RuleGroups.Count} rule groups were due and are stored"
            )
            : new JobOutcome(HasFailed: true, $"not everything is evaluated: {problem}");
    }

    private JobOutcome Late(TimeSpan within)
    {
        var problem = $"stopped after {within.TotalSeconds} s: what is still due is made up for by the next call";
        collector.Failures.Failed("evaluating rules", problem);
        return new JobOutcome(HasFailed: true, problem);
    }
}
