using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Chooses how a source is asked: what is remembered to work, else the first way that does.</summary>
/// <param name="probe">Finds out which.</param>
/// <param name="time">The clock.</param>
internal sealed class PullChooser(PullProbe probe, TimeProvider time)
{
    private static readonly PullMode[] Lossless = [PullMode.RemoteRead, PullMode.Range];

    /// <summary>Chooses among the ways that bring all samples.</summary>
    /// <param name="asked">The source.</param>
    /// <param name="wanted">What the job says; federate stands for any, as a backfill takes it.</param>
    /// <param name="memory">What is remembered of the source.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<PullChoice> ChooseAsync(
        AskedSource asked,
        PullMode wanted,
        PullMemory memory,
        CancellationToken cancellationToken
    )
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var modes = wanted is PullMode.Range or PullMode.RemoteRead ? [wanted] : Lossless;
        if (!asked.Target.HonorTimestamps)
        {
            return Refused(
                memory,
                "honor_timestamps is false, and without timestamps its samples cannot be told apart"
            );
        }
        memory = Current(memory, asked.Target);
        var known = memory.Mode is { } mode && modes.Contains(mode) ? memory.Mode : null;
        if (known is not null && nowMs - memory.VerifiedMs < PullLimits.VerifyEveryMs)
        {
            return new PullChoice(known, memory);
        }
        var open = modes.Where(one =>
            memory.RefusalOf(one) is not { } refusal
            || nowMs - refusal.AtMs
                >= (modes.Length == 1 || refusal.MayPass ? PullLimits.RetryRefusedMs : PullLimits.RetryAutoMs)
        );
        if (!open.Any())
        {
            return Refused(memory, ReasonsOf(memory, modes));
        }
        try
        {
            var outcome = await probe.RunAsync(asked, [.. open], memory, cancellationToken);
            var found = outcome.Memory;
            return found.Mode is not null || outcome.IsEmpty
                ? new PullChoice(found.Mode, found) { IsEmpty = outcome.IsEmpty }
                : Refused(found, ReasonsOf(found, modes));
        }
        catch (SourceApiException) when (known is not null)
        {
            // What worked for hours works on while it cannot be compared again; soon that is tried anew.
            var soon = nowMs - PullLimits.VerifyEveryMs + PullLimits.RetryRefusedMs;
            return new PullChoice(known, memory with { VerifiedMs = Math.Max(memory.VerifiedMs, soon) });
        }
        catch (SourceApiException problem)
        {
            return new PullChoice(null, memory) { Problem = problem.Message };
        }
    }

    /// <summary>What is remembered, as far as it is of this server, and pulls have not failed again and again since.</summary>
    private static PullMemory Current(PullMemory memory, Target target)
    {
        var isOther = !string.Equals(memory.Server, target.Url.Authority, StringComparison.OrdinalIgnoreCase);
        return isOther || memory.Failures >= PullLimits.MaxFailures
            ? memory with
            {
                Server = target.Url.Authority,
                Mode = null,
                VerifiedMs = 0,
                Refused = [],
                Failures = 0,
            }
            : memory;
    }

    private static PullChoice Refused(PullMemory memory, string reason) =>
        new(null, memory) { Problem = reason, IsRefused = true };

    private static string ReasonsOf(PullMemory memory, PullMode[] modes) =>
        string.Join(
            "; ",
            modes.Select(memory.RefusalOf).OfType<RefusedMode>().Select(one => $"{NameOf(one.Mode)}: {one.Reason}")
        );

    /// <summary>A way as the configuration writes it.</summary>
    public static string NameOf(PullMode mode) =>
        mode switch
        {
            PullMode.RemoteRead => "remote_read",
            PullMode.Range => "range",
            PullMode.Auto => "auto",
            _ => "federate",
        };
}
