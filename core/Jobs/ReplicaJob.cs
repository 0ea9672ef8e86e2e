using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>
/// Recognises replicas that nobody declared: asks federate targets who they are before they are collected for the first
/// time, and makes one source of those that are replicas of each other. What it found is remembered.
/// </summary>
/// <param name="probe">Asks a target.</param>
/// <param name="ledger">What is remembered of targets.</param>
/// <param name="time">The clock.</param>
/// <param name="changed">Gets all targets at every change, those of one source with one key; short, and not under way twice.</param>
public sealed class ReplicaJob(
    ReplicaProbe probe,
    SourceLedger ledger,
    TimeProvider time,
    Action<IReadOnlyList<Target>> changed
)
{
    /// <summary>What was found longer ago is looked at again, beside the collecting.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    /// <summary>While a replica is down its source is strange at every tick.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    /// <summary>Of the interval, in tenths, after which a target is asked again: a timer outside is not exact.</summary>
    private const int TenthsOfInterval = 9;

    /// <summary>A target that so often has no series at all is collected, whoever it is.</summary>
    private const int MaxEmptyAnswers = 3;

    /// <summary>And of answers without a series that came within so short a time, more are waited for.</summary>
    private static readonly long LeastEmptyMs = (long)TimeSpan.FromSeconds(15).TotalMilliseconds;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Candidate> candidates = new(StringComparer.Ordinal);
    private IReadOnlyList<Target> configured = [];

    /// <summary>Takes the targets. Those of which nothing is known are not collected before they were asked.</summary>
    public void Configure(IReadOnlyList<Target> targets)
    {
        lock (gate)
        {
            configured = targets;
            var current = targets.Where(ReplicaRecognition.IsCandidate).ToList();
            foreach (var gone in candidates.Keys.Except(current.Select(target => target.Source)).ToList())
            {
                candidates.Remove(gone);
            }
            foreach (var target in current)
            {
                if (candidates.TryGetValue(target.Source, out var candidate))
                {
                    candidate.Target = target;
                }
                else
                {
                    candidates.Add(target.Source, new Candidate(target));
                }
            }
            Recall();
            Publish();
        }
    }

    /// <summary>Takes what was remembered since, of targets that this process does not know; another one may have asked them.</summary>
    public void TakeRemembered()
    {
        lock (gate)
        {
            if (Recall())
            {
                Publish();
            }
        }
    }

    /// <summary>Says that a source suddenly sends other series: its targets are asked again who they are.</summary>
    public void Doubt(string source)
    {
        lock (gate)
        {
            foreach (var candidate in candidates.Values)
            {
                if (string.Equals(candidate.Identity?.Source, source, StringComparison.Ordinal))
                {
                    candidate.DueMs = Math.Min(candidate.DueMs, candidate.AskedMs + (long)Repeat.TotalMilliseconds);
                }
            }
        }
    }

    /// <summary>The first moment at which a target is to be asked; null when there is none, or all are being asked.</summary>
    public long? NextDueMs()
    {
        lock (gate)
        {
            return candidates.Values.Where(candidate => !candidate.IsBusy).Min(candidate => (long?)candidate.DueMs);
        }
    }

    /// <summary>Whether there are targets that are not collected before they were asked.</summary>
    public bool HasPending
    {
        get
        {
            lock (gate)
            {
                return candidates.Values.Any(candidate => candidate.IsPending);
            }
        }
    }

    /// <summary>Asks the targets that are due; those that may be replicas of each other count together, others do not wait for them.</summary>
    /// <exception cref="StoreException">What was found could not be saved; it counts all the same, and is saved the next time.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Collect);
        List<List<Candidate>> due;
        TakeRemembered();
        lock (gate)
        {
            var nowMs = NowMs();
            due =
            [
                .. candidates
                    .Values.Where(candidate => !candidate.IsBusy && candidate.DueMs <= nowMs)
                    .GroupBy(candidate => ReplicaRecognition.PeersOf(candidate.Target))
                    .Select(group => group.ToList()),
            ];
            due.ForEach(group => group.ForEach(candidate => candidate.IsBusy = true));
        }
        await Task.WhenAll(due.Select(group => AskAsync(group, cancellationToken)));
        await ledger.SaveAsync(cancellationToken);
    }

    private async Task AskAsync(List<Candidate> group, CancellationToken cancellationToken)
    {
        try
        {
            var isFirst = group.Exists(candidate => candidate.Identity is null);
            await AskAllAsync(group, cancellationToken);
            if (isFirst && group.Exists(candidate => candidate.Identity is { Label.Length: > 0 }))
            {
                // Those that are collected already may have become replicas since they were asked.
                var others = TakePeersOf(group);
                group.AddRange(others);
                await AskAllAsync(others, cancellationToken);
            }
            lock (gate)
            {
                foreach (var candidate in group)
                {
                    // A server that has only begun has no series yet, and soon it has.
                    candidate.WasAsked |= candidate.EmptyAnswers == 0 || IsEmptyForLong(candidate);
                    candidate.IsBusy = false;
                }
                Decide();
                Publish();
            }
        }
        finally
        {
            lock (gate)
            {
                group.ForEach(candidate => candidate.IsBusy = false);
            }
        }
    }

    private static bool IsEmptyForLong(Candidate candidate) =>
        candidate.EmptyAnswers >= MaxEmptyAnswers && candidate.AskedMs - candidate.EmptySinceMs >= LeastEmptyMs;

    private Task AskAllAsync(List<Candidate> group, CancellationToken cancellationToken) =>
        Task.WhenAll(group.Select(candidate => AskAsync(candidate, cancellationToken)));

    private async Task AskAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        var target = candidate.Target;
        candidate.AskedMs = NowMs();
        var (identity, problem) = await probe.AskAsync(target, cancellationToken);
        lock (gate)
        {
            if (identity is null)
            {
                candidate.Problem = problem;
                candidate.EmptyAnswers = problem.Length > 0 ? 0 : candidate.EmptyAnswers + 1;
                candidate.EmptySinceMs = candidate.EmptyAnswers == 1 ? candidate.AskedMs : candidate.EmptySinceMs;
                // One that is collected is asked again when it does something strange again.
                candidate.DueMs = candidate.Identity is null
                    ? candidate.AskedMs + ((long)target.Interval.TotalMilliseconds * TenthsOfInterval / 10)
                    : candidate.AskedMs + (long)MaxAge.TotalMilliseconds;
                return;
            }
            (candidate.Problem, candidate.EmptyAnswers) = ("", 0);
            candidate.DueMs = candidate.AskedMs + (long)MaxAge.TotalMilliseconds;
            candidate.Identity = candidate.Identity is { } before
                ? identity with
                {
                    Source = before.Source,
                    IsReplica =
                        before.IsReplica && string.Equals(before.Label, identity.Label, StringComparison.Ordinal),
                    // Both answers of an address at which replicas alternate were not there by chance.
                    Values =
                        before.Values.Count > 1 && before.IsLike(identity)
                            ?
                            [
                                .. before
                                    .Values.Union(identity.Values, StringComparer.Ordinal)
                                    .Take(ReplicaIdentity.MaxValues),
                            ]
                            : identity.Values,
                }
                : identity;
        }
    }

    private List<Candidate> TakePeersOf(List<Candidate> group)
    {
        lock (gate)
        {
            var peers = ReplicaRecognition.PeersOf(group[0].Target);
            var others = candidates
                .Values.Where(candidate =>
                    !candidate.IsBusy
                    && candidate.Identity is not null
                    && ReplicaRecognition.PeersOf(candidate.Target) == peers
                )
                .ToList();
            others.ForEach(candidate => candidate.IsBusy = true);
            return others;
        }
    }

    /// <summary>Takes what is remembered of targets that were not asked by this process.</summary>
    private bool Recall()
    {
        var found = false;
        foreach (var candidate in candidates.Values.Where(candidate => candidate is { Identity: null, IsBusy: false }))
        {
            if (ledger.Of(candidate.Target.Source).Replica.Identity is { } identity)
            {
                (candidate.Identity, candidate.WasAsked) = (identity, true);
                candidate.DueMs = identity.RecognisedMs + (long)MaxAge.TotalMilliseconds;
                found = true;
            }
        }
        return found;
    }

    private void Decide()
    {
        foreach (var peers in candidates.Values.GroupBy(candidate => ReplicaRecognition.PeersOf(candidate.Target)))
        {
            var all = peers.ToList();
            // One that is being asked by another pass; that decides.
            if (all.Exists(candidate => candidate.IsBusy && !candidate.WasAsked))
            {
                continue;
            }
            var decided = ReplicaRecognition.Decide([.. all.Select(one => (one.Target, one.Identity))]);
            for (var i = 0; i < all.Count; i++)
            {
                if (decided[i] is { } identity)
                {
                    all[i].Identity = identity;
                    Note(all[i].Target.Source, identity);
                }
            }
        }
    }

    private void Note(string source, ReplicaIdentity identity)
    {
        var memory = ledger.Of(source);
        if (!ReferenceEquals(memory.Replica.Identity, identity))
        {
            ledger.Note(memory with { Replica = memory.Replica with { Identity = identity } });
        }
    }

    /// <summary>Hands the targets on: replicas of one source together, in the order of what they are called.</summary>
    private void Publish()
    {
        var members = candidates
            .Values.Where(candidate => candidate is { IsPending: false, Identity.IsReplica: true })
            .GroupBy(candidate => candidate.Identity!.Source, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group.OrderBy(one => one.Identity!.Values[0], StringComparer.Ordinal).ToList(),
                StringComparer.Ordinal
            );
        var published = new List<Target>();
        foreach (var target in configured)
        {
            if (!candidates.TryGetValue(target.Source, out var candidate) || target.Problem is not null)
            {
                published.Add(target);
            }
            else if (candidate.IsPending)
            {
                published.Add(target with { IsPending = true });
            }
            else if (candidate.Identity is not { } identity)
            {
                published.Add(candidate.Problem.Length == 0 ? target : target with { Problem = candidate.Problem });
            }
            else if (!identity.IsReplica)
            {
                published.Add(target);
            }
            else if (members.Remove(identity.Source, out var group))
            {
                var instance = group[0].Target.Labels.Get(ReplicaLabels.Instance) ?? "";
                published.AddRange(group.Select(one => ReplicaRecognition.Apply(one.Target, one.Identity!, instance)));
            }
        }
        changed(published);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A target that may be a replica.</summary>
    private sealed class Candidate(Target target)
    {
        public Target Target { get; set; } = target;

        public ReplicaIdentity? Identity { get; set; }

        /// <summary>Why it does not say who it is.</summary>
        public string Problem { get; set; } = "";

        /// <summary>How often in a row it had no series.</summary>
        public int EmptyAnswers { get; set; }

        /// <summary>When the first of these answers was asked for, milliseconds since the epoch.</summary>
        public long EmptySinceMs { get; set; }

        /// <summary>When it was asked last.</summary>
        public long AskedMs { get; set; } = long.MinValue / 2;

        public long DueMs { get; set; } = long.MinValue;

        public bool IsBusy { get; set; }

        /// <summary>Whether it was asked, and those that may be its replicas, too.</summary>
        public bool WasAsked { get; set; }

        public bool IsPending => !WasAsked || Identity is { Source.Length: 0 };
    }
}
