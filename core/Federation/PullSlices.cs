using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Pulls a range in slices of time, each so small that the source can answer it and it fits into memory.</summary>
/// <param name="requests">Asks the API.</param>
/// <param name="time">The clock.</param>
internal sealed class PullSlices(PullRequests requests, TimeProvider time)
{
    /// <summary>Pulls slice by slice, in the order of time.</summary>
    /// <param name="asked">The source.</param>
    /// <param name="body">Gets the samples.</param>
    /// <param name="range">The range, and what bounds the run.</param>
    /// <param name="memory">What is remembered of the source.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<SliceRun> RunAsync(
        AskedSource asked,
        PulledBody body,
        SliceRange range,
        PullMemory memory,
        CancellationToken cancellationToken
    )
    {
        var run = new SliceRun(range.AfterMs, memory.SliceMs);
        var smaller = 0;
        while (run.ReachedMs < range.UntilMs)
        {
            var natural = NaturalMs(memory.SamplesPerSecond, range.FirstMs);
            var slice = run.SliceMs > 0 ? Math.Min(run.SliceMs, natural) : natural;
            var untilMs = Math.Min(range.UntilMs, run.ReachedMs + slice);
            var mark = body.Mark();
            try
            {
                var (bytes, hasWarnings) = await requests.PullAsync(
                    asked,
                    body,
                    run.ReachedMs,
                    untilMs,
                    cancellationToken
                );
                run = run with
                {
                    ReachedMs = untilMs,
                    Bytes = run.Bytes + bytes,
                    HasWarnings = run.HasWarnings || hasWarnings,
                };
            }
            catch (SourceApiException problem)
            {
                body.Rollback(mark);
                var isLess = problem.Problem is SourceApiProblem.TooMuch or SourceApiProblem.TimedOut;
                var asking = untilMs - run.ReachedMs;
                run = isLess ? run with { SliceMs = Math.Max(PullLimits.MinSliceMs, asking / 2) } : run;
                if (!isLess || asking <= PullLimits.MinSliceMs || ++smaller > PullLimits.MaxSmaller)
                {
                    return run with { Problem = problem };
                }
            }
            if (body.Count >= range.MaxSamples || time.GetUtcNow().ToUnixTimeMilliseconds() >= range.DeadlineMs)
            {
                break;
            }
        }
        return smaller > 0 ? run : run with { SliceMs = Grown(run.SliceMs) };
    }

    /// <summary>What was too much once may not be so for ever.</summary>
    private static long Grown(long sliceMs) => sliceMs >= PullLimits.MaxSliceMs ? 0 : sliceMs + (sliceMs / 4);

    /// <summary>The time in which a source has about as many samples as one request may bring.</summary>
    private static long NaturalMs(long samplesPerSecond, long firstMs) =>
        samplesPerSecond == 0
            ? Math.Clamp(firstMs, PullLimits.MinSliceMs, PullLimits.MaxSliceMs)
            : Math.Clamp(
                1000L * PullLimits.SliceSamples / samplesPerSecond,
                PullLimits.MinSliceMs,
                PullLimits.MaxSliceMs
            );
}
