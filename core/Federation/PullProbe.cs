using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>
/// Finds out which way to pull gives the series that <c>/federate</c> gives: one answer of it is compared with a pull of the
/// same time, labels as the source sends them.
/// </summary>
/// <param name="scraper">Scrapes <c>/federate</c>.</param>
/// <param name="requests">Asks the API.</param>
internal sealed class PullProbe(Scraper scraper, PullRequests requests)
{
    /// <summary>The least and the most time that is compared.</summary>
    private const long MinRangeMs = 15_000;
    private const long MaxRangeMs = 5 * 60 * 1000;

    /// <summary>Looks for the first way that works.</summary>
    /// <param name="asked">The source; its mode and external labels are not looked at.</param>
    /// <param name="modes">The ways to try, in this order.</param>
    /// <param name="memory">What is remembered of the source.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="SourceApiException">That cannot be found out now.</exception>
    public async Task<ProbeOutcome> RunAsync(
        AskedSource asked,
        IReadOnlyList<PullMode> modes,
        PullMemory memory,
        CancellationToken cancellationToken
    )
    {
        var nowMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var raw = Raw(asked.Target);
        var (federated, range) = await FederateAsync(asked, raw, nowMs, cancellationToken);
        var facts = await TryFactsAsync(asked, cancellationToken);
        memory = memory with
        {
            Server = asked.Target.Url.Authority,
            OverlapMs = facts?.OverlapMs ?? PullLimits.DefaultOverlapMs,
            Refused = [.. memory.Refused.Where(one => !modes.Contains(one.Mode))],
            Mode = null,
        };
        SourceApiException? passing = null;
        foreach (var mode in modes)
        {
            var found = await TryAsync(
                asked with
                {
                    Target = raw,
                    Mode = mode,
                    ExternalLabels = facts?.ExternalLabels,
                },
                federated,
                range,
                (modes.Count > 1, memory.Failures),
                cancellationToken
            );
            if (found.Refusal is { } reason)
            {
                passing ??= found.Passing;
                memory = memory.Refusing(mode, reason, nowMs, found.MayPass);
                continue;
            }
            if (found.External is null && mode is PullMode.Range)
            {
                // Nothing to find them out by: it is no loss to wait until there is.
                return new ProbeOutcome(memory) { IsEmpty = true };
            }
            memory = memory with
            {
                Mode = mode,
                VerifiedMs = federated.Count == 0 ? 0 : nowMs,
                ExternalLabels = found.External ?? LabelSet.Empty,
                KnowsExternalLabels = found.External is not null,
            };
            return new ProbeOutcome(memory);
        }
        // Another way would do, but there is none: so what may pass has to.
        return passing is null ? new ProbeOutcome(memory) : throw passing;
    }

    /// <summary>The target, so that series are as the source sends them.</summary>
    private static Target Raw(Target target) =>
        target with
        {
            Labels = LabelSet.Empty,
            NativeHistograms = target.NativeHistograms,
            Config = target.Config with { HonorLabels = true, MetricRelabelConfigs = [], Limits = new() },
        };

    /// <summary>What <c>/federate</c> answers, of a time in which half of the series or more have their newest sample.</summary>
    private async Task<(IReadOnlyList<LabelSet> Series, TimeRange Range)> FederateAsync(
        AskedSource asked,
        Target raw,
        long nowMs,
        CancellationToken cancellationToken
    )
    {
        var state = scraper.CreateState();
        await asked.Guard.EnterAsync(cancellationToken);
        try
        {
            var batch = await scraper.ScrapeAsync(raw, state, nowMs, cancellationToken);
            // The part of an answer that did not end in time is enough to compare.
            if (batch.Report.Verdict is Verdict.Failed)
            {
                throw new SourceApiException(
                    SourceApiProblem.Failed,
                    $"what is pulled has to be compared with an answer of /federate, and that failed: {batch.Report.Error}"
                );
            }
            return RangeOf(batch.Scraped, nowMs);
        }
        finally
        {
            asked.Guard.Leave();
            state.Release();
        }
    }

    private static (IReadOnlyList<LabelSet> Series, TimeRange Range) RangeOf(SampleColumns samples, long nowMs)
    {
        if (samples.Count == 0)
        {
            return ([], new TimeRange(nowMs - MinRangeMs, nowMs));
        }
        var sorted = samples.TimestampsMs.ToArray();
        Array.Sort(sorted);
        var untilMs = sorted[^1];
        var afterMs = Math.Clamp(sorted[sorted.Length / 2] - 1, untilMs - MaxRangeMs, untilMs - MinRangeMs);
        var series = new List<LabelSet>();
        for (var i = 0; i < samples.Count; i++)
        {
            if (samples.TimestampsMs.Span[i] > afterMs)
            {
                series.Add(samples.Series[i]);
            }
        }
        return (series, new TimeRange(afterMs, untilMs));
    }

    private async Task<SourceFacts?> TryFactsAsync(AskedSource asked, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.FactsAsync(asked, cancellationToken);
        }
        catch (SourceApiException problem)
            when (problem.Problem is SourceApiProblem.Refused or SourceApiProblem.Damaged || IsServerError(problem))
        {
            // Not every server shows its configuration: the labels can be found out by comparing.
            return null;
        }
    }

    /// <summary>Tries one way; either why not, or the external labels as far as they are known.</summary>
    private async Task<Tried> TryAsync(
        AskedSource asked,
        IReadOnlyList<LabelSet> federated,
        TimeRange range,
        (bool HasOthers, int Failures) place,
        CancellationToken cancellationToken
    )
    {
        var state = scraper.CreateState();
        try
        {
            var body = state.Pulled;
            body.MaxSamples = PullLimits.MostSamples;
            var wantsHistograms = asked.Target.NativeHistograms.IsScraped;
            body.Begin(LabelSet.Empty, asked.Target.Config, LabelSet.Empty, wantsHistograms, range.MaxMs);
            await requests.PullAsync(asked, body, range.MinMs, range.MaxMs, cancellationToken);
            var pulled = new HashSet<LabelSet>();
            foreach (var series in body.End().Series.Span)
            {
                pulled.Add(series);
            }
            return Compare(asked, pulled, federated);
        }
        catch (SourceApiException problem) when (IsRefusal(problem, place) || (place.HasOthers && MayPass(problem)))
        {
            return new Tried(problem.Message, null)
            {
                Passing = IsRefusal(problem, place) ? null : problem,
                MayPass = problem.Problem is not SourceApiProblem.Refused,
            };
        }
        finally
        {
            state.Release();
        }
    }

    /// <summary>
    /// One answer that is damaged, late or too much may pass; when it always is so, the way does not work. An error of the
    /// server counts alike where there is another way: some answer 500 to all that they do not know.
    /// </summary>
    private static bool IsRefusal(SourceApiException problem, (bool HasOthers, int Failures) place) =>
        problem.Problem is SourceApiProblem.Refused
        || (
            place.Failures >= PullLimits.MaxFailures - 1
            && (
                problem.Problem is SourceApiProblem.Damaged or SourceApiProblem.TooMuch
                || (place.HasOthers && MayPass(problem))
            )
        );

    private static bool MayPass(SourceApiException problem) =>
        problem.Problem is SourceApiProblem.TimedOut || IsServerError(problem);

    private static bool IsServerError(SourceApiException problem) =>
        problem is { Problem: SourceApiProblem.Failed, Status: > 0 };

    private static Tried Compare(AskedSource asked, HashSet<LabelSet> pulled, IReadOnlyList<LabelSet> federated)
    {
        if (asked.Mode is PullMode.RemoteRead)
        {
            // The source has added them itself.
            return new(Missing(pulled, LabelSet.Empty, federated), asked.ExternalLabels);
        }
        if (asked.ExternalLabels is { } told && Missing(pulled, told, federated) is null)
        {
            return new(null, told);
        }
        if (federated.Count == 0)
        {
            return new(null, null);
        }
        var external = AddedLabels.Infer(pulled, federated);
        var problem = Missing(pulled, external ?? asked.ExternalLabels ?? LabelSet.Empty, federated);
        return new(problem, external);
    }

    /// <summary>What <c>/federate</c> has and the pull has not; null for nothing.</summary>
    private static string? Missing(HashSet<LabelSet> pulled, LabelSet external, IReadOnlyList<LabelSet> federated)
    {
        var laid = external.Labels.IsEmpty ? pulled : [.. pulled.Select(series => AddedLabels.Lay(series, external))];
        var missing = federated.FirstOrDefault(series => !laid.Contains(series));
        return missing is null
            ? null
            : $"its series are not those of /federate, which has {missing}: a change of mode would make new series"
                + (external.Labels.IsEmpty ? "" : $" (external labels {external})");
    }

    /// <summary>What came of trying one way.</summary>
    /// <param name="Refusal">Why it is not taken; null when it works.</param>
    /// <param name="External">The external labels, as far as they are known.</param>
    private sealed record Tried(string? Refusal, LabelSet? External)
    {
        /// <summary>What may be over soon; only when nothing else speaks against the way.</summary>
        public SourceApiException? Passing { get; init; }

        /// <summary>Whether it may be the server that does not work, and not the way.</summary>
        public bool MayPass { get; init; }
    }
}
