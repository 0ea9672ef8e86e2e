using System.Globalization;

namespace Tributary.Functions.Serving;

/// <summary>One invocation of <c>Export</c>: what is due, cut to the function's time.</summary>
/// <param name="collector">Whose store it is.</param>
/// <param name="exporting">Exports.</param>
/// <param name="fresh">What is read before.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="deadline">When it gives up: before the host does, which would kill the process.</param>
/// <param name="time">The clock.</param>
internal sealed class ExportInvocation(
    CollectorServer collector,
    Exporting exporting,
    Freshness fresh,
    JobRunner runner,
    TimeSpan deadline,
    TimeProvider time
)
{
    /// <summary>Of its time, what is for the last run.</summary>
    private const int LastRunPart = 2;

    /// <summary>So long the sources are looked for that may have to be waited for.</summary>
    private static readonly TimeSpan DiscoveryPatience = TimeSpan.FromSeconds(10);

    /// <summary>Exports. Does not throw.</summary>
    public Task<JobOutcome> RunAsync() => RunAsync(deadline);

    /// <summary>Exports in so much time. Does not throw.</summary>
    public async Task<JobOutcome> RunAsync(TimeSpan within)
    {
        using var late = new CancellationTokenSource(within, time);
        await fresh.ConfigAsync(CancellationToken.None);
        if (!collector.IsConfigured)
        {
            return new JobOutcome(HasFailed: true, $"nothing is exported: {collector.ConfigProblem}");
        }
        if (collector.Exports.Exports.Count == 0)
        {
            return new JobOutcome(HasFailed: false, "no exports are configured");
        }
        if (await fresh.LogAsync(Freshness.DataAge, late.Token) is { } unread)
        {
            return new JobOutcome(HasFailed: true, $"nothing is exported: the log cannot be read: {unread}");
        }
        await fresh.TargetsAsync(DiscoveryPatience, late.Token);
        var text = "";
        var failed = 0;
        var problem = await runner.TryAsync(
            async stop =>
            {
                var pass = await exporting.RunAsync(within / LastRunPart, stop);
                failed = pass.Problems.Count;
                text =
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{pass.Written.Count} outputs written, {pass.Waiting} wait for data, {pass.Elsewhere} run elsewhere, {pass.Removed} removed"
                    )
                    + (pass.IsUnfinished ? "; more is due" : "")
                    + (failed > 0 ? $"; failed: {string.Join("; ", pass.Problems)}" : "");
            },
            "exporting",
            late.Token
        );
        return problem is null
            ? new JobOutcome(failed > 0, text)
            : new JobOutcome(HasFailed: true, $"not everything is exported: {problem}");
    }
}
