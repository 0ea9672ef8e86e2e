using System.Globalization;
using System.Text;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Asks a source for the parts of a scrape, some at once, and judges them together.</summary>
/// <param name="requests">Sends the requests.</param>
/// <param name="time">The clock.</param>
/// <param name="target">The source.</param>
/// <param name="division">The parts.</param>
internal sealed class DividedRequest(BodyRequest requests, TimeProvider time, Target target, ScrapeDivision division)
{
    /// <summary>After so many rounds without any answer the source is not asked for the rest.</summary>
    private const int MaxSilentRounds = 2;

    /// <summary>An error tells of so many parts.</summary>
    private const int MaxTold = 4;

    private readonly BodyOutcome[] outcomes = new BodyOutcome[division.Parts.Count];
    private readonly long started = time.GetTimestamp();

    /// <summary>All of them may take so long together: a scrape is over before the next one begins.</summary>
    private readonly TimeSpan whole = target.Interval > target.Timeout ? target.Interval : target.Timeout;
    private int next = -1;
    private int silent;
    private int answered;

    /// <summary>Asks for all parts; the outcome by part.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<BodyOutcome[]> SendAsync(SourceState state, CancellationToken cancellationToken)
    {
        var atOnce = Math.Clamp(division.MaxRequests, 1, outcomes.Length);
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => TakeAsync(state, cancellationToken)));
        return outcomes;
    }

    /// <summary>The verdict on the parts together.</summary>
    public static BodyOutcome Judge(ScrapeDivision division, BodyOutcome[] outcomes, SourceBody body)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            body.Parts[i].Verdict = outcomes[i].Verdict;
            body.Parts[i].BodyBytes = outcomes[i].BodyBytes;
        }
        var bytes = outcomes.Sum(outcome => outcome.BodyBytes);
        if (Array.Find(outcomes, outcome => outcome.Extent is BodyExtent.TooLarge) is { } large)
        {
            return large with { BodyBytes = bytes };
        }
        var worst = outcomes.Max(outcome => outcome.Verdict);
        var verdict =
            worst is not Verdict.Failed ? worst
            : Array.TrueForAll(outcomes, outcome => outcome.Verdict is Verdict.Failed) ? Verdict.Failed
            : Verdict.Partial;
        return new BodyOutcome(verdict, ErrorOf(division, outcomes, body.Overlaps), bytes)
        {
            Extent = Array.TrueForAll(outcomes, outcome => outcome.Extent is BodyExtent.None)
                ? BodyExtent.None
                : BodyExtent.Read,
        };
    }

    private static string ErrorOf(ScrapeDivision division, BodyOutcome[] outcomes, int overlaps)
    {
        var error = new StringBuilder();
        int[] bad = [.. Enumerable.Range(0, outcomes.Length).Where(i => outcomes[i].Verdict is not Verdict.Complete)];
        if (bad.Length > 0)
        {
            error.Append(
                CultureInfo.InvariantCulture,
                $"of {outcomes.Length} parts of the scrape {bad.Length} {(bad.Length == 1 ? "is" : "are")} not complete"
            );
        }
        foreach (var i in bad.Take(MaxTold))
        {
            var verdict = outcomes[i].Verdict.ToString().ToLowerInvariant();
            error.Append(CultureInfo.InvariantCulture, $"; {division.Parts[i].Name} {verdict}: {outcomes[i].Error}");
        }
        error.Append(bad.Length > MaxTold ? "; …" : "");
        if (overlaps > 0)
        {
            error.Append(error.Length > 0 ? "; " : "");
            error.Append(
                CultureInfo.InvariantCulture,
                $"{overlaps} samples came in two parts of the scrape and were stored once: the source does not select as it was asked to"
            );
        }
        return error.ToString();
    }

    private async Task TakeAsync(SourceState state, CancellationToken cancellationToken)
    {
        for (var i = Interlocked.Increment(ref next); i < outcomes.Length; i = Interlocked.Increment(ref next))
        {
            var left = whole - time.GetElapsedTime(started);
            outcomes[i] =
                left <= TimeSpan.Zero ? BodyOutcome.NotAsked("not asked for: the interval was over")
                : IsSilent ? BodyOutcome.NotAsked("not asked for: no part before was answered")
                : await TakeAsync(i, left, state, cancellationToken);
        }
    }

    private bool IsSilent =>
        Volatile.Read(ref answered) == 0 && Volatile.Read(ref silent) >= MaxSilentRounds * division.MaxRequests;

    private async Task<BodyOutcome> TakeAsync(
        int part,
        TimeSpan left,
        SourceState state,
        CancellationToken cancellationToken
    )
    {
        var limit = left < target.Timeout ? left : target.Timeout;
        var asked = target with { Url = division.Parts[part].Url };
        var outcome = await requests.SendAsync(asked, state, part, limit, cancellationToken);
        if (outcome is { Verdict: Verdict.Failed, IsTimeout: true })
        {
            Interlocked.Increment(ref silent);
        }
        else
        {
            Interlocked.Increment(ref answered);
        }
        return outcome;
    }
}
