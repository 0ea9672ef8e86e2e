using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>
/// Collects a source with replicas: one is asked, and the others within the same tick when it fails. A batch is from one
/// replica alone.
/// </summary>
/// <param name="collect">Collects one target, however its job wants it.</param>
/// <param name="scraper">Scrapes.</param>
internal sealed class ReplicaCollector(Func<SourceTurn, CancellationToken, Task<Collected>> collect, Scraper scraper)
{
    /// <summary>A replica that was left alone is taken again when it has so many of the series of the other, in percent.</summary>
    private const int EnoughPercent = 90;

    /// <summary>How often replicas are asked that answer alternately, until the one answers that is taken.</summary>
    private const int MaxAsks = 3;

    /// <summary>Of so many replicas the error of a source tells.</summary>
    private const int MaxErrors = 3;

    /// <summary>With less time before the next tick nobody else is asked.</summary>
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(50);

    /// <summary>Collects a source that has replicas, or one target behind which several answer.</summary>
    public Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken) =>
        turn is { Replicas.Count: 1, Target.Alternates: true }
            ? CollectAlternatingAsync(turn, cancellationToken)
            : CollectFirstAsync(turn, cancellationToken);

    private async Task<Collected> CollectFirstAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var order = ReplicaOrder.Of(turn.Replicas, turn.Memory.Replica, turn.TickMs);
        var nextTickMs = NextTickMs(turn);
        var asked = new List<AskedReplica>();
        (Target Target, Collected Collected, bool IsLikeTaken)? best = null;
        foreach (var target in order.Targets)
        {
            var isTrial = order.IsTrial && asked.Count == 0;
            if (Bound(target, nextTickMs, isTrial, asked.Count == 0) is not { } bound)
            {
                break;
            }
            var collected = await collect(
                turn with
                {
                    Replicas = [bound],
                    HasOthers = asked.Count + 1 < order.Targets.Count,
                },
                cancellationToken
            );
            var report = collected.Batch.Report;
            var isEnough = !isTrial || IsEnough(collected.Batch, turn.State);
            var isBehind = isTrial && isEnough && IsBehind(collected.Batch, turn.State, target);
            asked.Add(new AskedReplica(target, report) { IsBehind = isBehind });
            var isGood = report.Verdict <= Verdict.Suspect && isEnough && !isBehind;
            if (isGood || best is null || report.Verdict < best.Value.Collected.Batch.Report.Verdict)
            {
                // The next one is read into the same memory.
                best = (target, isGood ? collected : Copy(collected), isGood);
            }
            if (isGood)
            {
                break;
            }
        }
        var (taken, result, isFull) = best!.Value;
        var isTaken = result.Batch.Report.Verdict is not Verdict.Failed;
        if (!isTaken && asked.Count > 1)
        {
            result = result with { Batch = WithAllErrors(result.Batch, asked) };
        }
        var replica = Remember(turn, asked, isTaken ? taken.Replica : "", isFull);
        var batch = new ReplicaBatch(turn, scraper.Series, replica).Finish(result.Batch, asked, isOther: false);
        return result with { Batch = batch, Memory = result.Memory with { Replica = replica }, Asked = asked };
    }

    private async Task<Collected> CollectAlternatingAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var (target, memory) = (turn.Target, turn.Memory.Replica);
        var nextTickMs = NextTickMs(turn);
        turn.State.Body.Watch(target.ReplicaLabel);
        (Batch Batch, string Replica)? best = null;
        for (var ask = 0; ask < MaxAsks; ask++)
        {
            // The first time on a connection at hand, which most often leads to the same one as before.
            if (Bound(target with { ClosesConnection = ask > 0 }, nextTickMs, false, ask == 0) is not { } bound)
            {
                break;
            }
            var batch = await scraper.ScrapeAsync(bound, turn.State, turn.TickMs, cancellationToken);
            var replica = turn.State.Body.Replica;
            var isGood =
                batch.Report.Verdict <= Verdict.Suspect
                && (memory.Taken.Length == 0 || string.Equals(replica, memory.Taken, StringComparison.Ordinal));
            if (isGood || best is null || batch.Report.Verdict < best.Value.Batch.Report.Verdict)
            {
                best = (isGood ? batch : Copy(batch), replica);
            }
            if (isGood)
            {
                break;
            }
        }
        var (chosen, from) = best!.Value;
        var isOther =
            chosen.Report.Verdict is not Verdict.Failed
            && from.Length > 0
            && !string.Equals(from, memory.Taken, StringComparison.Ordinal);
        var after = isOther ? memory with { Taken = from, FailedMs = turn.TickMs } : memory;
        var finished = new ReplicaBatch(turn, scraper.Series, after).Finish(
            chosen,
            [new AskedReplica(target, chosen.Report)],
            isOther && memory.Taken.Length > 0
        );
        return new Collected(finished, turn.Memory with { Replica = after });
    }

    /// <summary>The moment of the tick after the one under way, milliseconds since the epoch.</summary>
    private long NextTickMs(SourceTurn turn)
    {
        var intervalMs = Math.Max(1, (long)turn.Target.Interval.TotalMilliseconds);
        return turn.TickMs + (((Math.Max(0, NowMs() - turn.TickMs) / intervalMs) + 1) * intervalMs);
    }

    /// <summary>A target with the time that it may take: its own, and no longer than to the next tick; null without time.</summary>
    private Target? Bound(Target target, long nextTickMs, bool isTrial, bool isFirst)
    {
        if (isFirst && !isTrial)
        {
            return target;
        }
        var left = TimeSpan.FromMilliseconds(Math.Max(0, nextTickMs - NowMs()));
        // The replica that is taken has to have time behind one that is only tried.
        left = isTrial ? left / 2 : left;
        return left < LeastTime
            ? isFirst
                ? target with
                {
                    Timeout = LeastTime,
                }
                : null
            : left < target.Timeout
                ? target with
                {
                    Timeout = left,
                }
                : target;
    }

    private long NowMs() => scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether a replica that is tried has about as many series as the one that is taken.</summary>
    private static bool IsEnough(Batch batch, SourceState state) =>
        batch.Report.Verdict is Verdict.Complete
        && batch.Scraped.Count * 100L >= state.LastCompleteCount * (long)EnoughPercent;

    /// <summary>
    /// Whether most samples of a replica are not later than those that are stored: it was away, and what it sends are those
    /// from before.
    /// </summary>
    private static bool IsBehind(Batch batch, SourceState state, Target target)
    {
        var (last, marginMs) = (state.LastTimes(), ReplicaBatch.MarginMs(target));
        var later = 0;
        for (var i = 0; i < batch.Scraped.Count; i++)
        {
            var isLater =
                !last.TryGetValue(batch.Scraped.Series[i], out var lastMs)
                || batch.Scraped.TimestampsMs.Span[i] > lastMs + marginMs;
            later += isLater ? 1 : 0;
        }
        return 2 * later < batch.Scraped.Count;
    }

    private static ReplicaMemory Remember(SourceTurn turn, List<AskedReplica> asked, string taken, bool isFull)
    {
        var memory = turn.Memory.Replica;
        var failures = memory.Failures.Where(failure => turn.Replicas.Any(Is(failure))).ToList();
        var isSame = failures.Count == memory.Failures.Count;
        // One that is behind soon is not: it is tried again at the next tick.
        foreach (var (target, report) in asked.Where(one => !one.IsBehind))
        {
            var isGood = isFull && string.Equals(target.Replica, taken, StringComparison.Ordinal);
            isSame &= failures.RemoveAll(failure => Is(failure)(target)) == 0 && isGood;
            if (!isGood)
            {
                failures.Add(
                    new ReplicaFailure(target.Replica, turn.TickMs, report.Verdict is Verdict.Failed)
                    {
                        Error = Cut(report.Error),
                    }
                );
            }
        }
        isSame &= taken.Length == 0 || string.Equals(taken, memory.Taken, StringComparison.Ordinal);
        return isSame
            ? memory
            : (memory with { Taken = taken.Length == 0 ? memory.Taken : taken, FailedMs = turn.TickMs }).WithFailures(
                failures
            );
    }

    private static Func<Target, bool> Is(ReplicaFailure failure) =>
        target => string.Equals(target.Replica, failure.Replica, StringComparison.Ordinal);

    private static string Cut(string error) =>
        error.Length <= ReplicaFailure.MaxErrorChars ? error : error[..ReplicaFailure.MaxErrorChars];

    private static Batch WithAllErrors(Batch batch, List<AskedReplica> asked) =>
        batch with
        {
            Report = batch.Report with
            {
                Error = string.Join(
                    "; ",
                    asked.Take(MaxErrors).Select(one => $"{one.Target.Replica}: {Cut(one.Report.Error)}")
                ),
            },
        };

    private static Collected Copy(Collected collected) => collected with { Batch = Copy(collected.Batch) };

    private static Batch Copy(Batch batch) => batch with { Scraped = Copy(batch.Scraped), Added = Copy(batch.Added) };

    private static SampleColumns Copy(SampleColumns columns) =>
        columns with
        {
            TimestampsMs = columns.TimestampsMs.ToArray(),
            Values = columns.Values.ToArray(),
            Histograms = columns.Histograms.ToArray(),
        };
}
