using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Pulls all raw samples of a federate target since the last time, in the way that its job wants.</summary>
internal sealed class PullCollector
{
    private readonly PullGuards guards = new();
    private readonly Scraper scraper;
    private readonly SplitCollector splits;
    private readonly PullChooser chooser;
    private readonly LivePull live;
    private readonly PullSlices slices;

    /// <param name="scraper">Scrapes what pulls are compared with; it has clock, clients and limits.</param>
    /// <param name="splits">Scrapes where a job that takes any way has no better one.</param>
    public PullCollector(Scraper scraper, SplitCollector splits)
    {
        (this.scraper, this.splits) = (scraper, splits);
        var requests = new PullRequests(new SourceApi(scraper.Http, scraper.Time, scraper.Limits));
        chooser = new PullChooser(new PullProbe(scraper, requests), scraper.Time);
        live = new LivePull(requests, scraper.Time);
        slices = new PullSlices(requests, scraper.Time);
    }

    private long NowMs => scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Collects from <see cref="SourceTurn.Target"/>.</summary>
    public async Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var (target, memory) = (turn.Target, turn.Memory.Pull);
        if (target.Problem is { } reason)
        {
            return live.Without(turn, memory, Verdict.Failed, reason);
        }
        var wanted = target.Config.Source.Pull;
        try
        {
            var asked = Ask(target, wanted);
            if (asked.Guard.BlockedUntilMs > NowMs)
            {
                return live.Without(turn, memory, Verdict.Failed, Blocked(asked.Guard.BlockedUntilMs));
            }
            var choice = await chooser.ChooseAsync(asked, wanted, memory, cancellationToken);
            if (choice.Mode is { } mode)
            {
                asked = With(asked, mode, choice.Memory);
                return await live.RunAsync(turn, asked, choice.Memory, cancellationToken);
            }
            if (choice.IsEmpty)
            {
                return live.Without(turn, choice.Memory, Verdict.Complete, "");
            }
            return await WithoutWayAsync(turn, wanted, choice, cancellationToken);
        }
        catch (SourceApiException problem)
        {
            return live.Without(turn, memory, Verdict.Failed, problem.Message);
        }
    }

    /// <summary>Which way to pull all samples works with a target, in words.</summary>
    public async Task<string> DescribeAsync(Target target, CancellationToken cancellationToken)
    {
        try
        {
            var asked = Ask(target, PullMode.Auto);
            var choice = await chooser.ChooseAsync(asked, PullMode.Auto, PullMemory.Empty, cancellationToken);
            var refused = string.Join(
                "; ",
                choice.Memory.Refused.Select(one => $"not {PullChooser.NameOf(one.Mode)}: {one.Reason}")
            );
            return choice.Mode is { } mode ? PullChooser.NameOf(mode) + (refused.Length > 0 ? $"; {refused}" : "")
                : choice.IsEmpty ? "not known: the source has no series to compare"
                : $"only federate; {(refused.Length > 0 ? refused : choice.Problem)}";
        }
        catch (SourceApiException problem)
        {
            return $"not known: {problem.Message}";
        }
    }

    /// <summary>Pulls a range of the past.</summary>
    public async Task<PulledRange> PullRangeAsync(
        Target target,
        SourceState state,
        SourceMemory memory,
        TimeRange range,
        int maxSamples,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var asked = Ask(target, target.Config.Source.Pull);
            if (target.Problem is { } reason)
            {
                return Nothing(memory, range) with { Error = reason };
            }
            if (asked.Guard.RestUntilMs > NowMs)
            {
                return Nothing(memory, range) with { NotBeforeMs = asked.Guard.RestUntilMs };
            }
            var begunMs = NowMs;
            var choice = await chooser.ChooseAsync(asked, target.Config.Source.Pull, memory.Pull, cancellationToken);
            memory = memory with { Pull = choice.Memory };
            var pulled = choice.Mode is { } mode
                ? await PullAsync(With(asked, mode, choice.Memory), state, memory, range, maxSamples, cancellationToken)
                : Unpulled(memory, range, choice);
            var nowMs = NowMs;
            asked.Guard.Rest(nowMs + (PullLimits.RestFactor * (nowMs - begunMs)));
            return pulled with { NotBeforeMs = asked.Guard.RestUntilMs };
        }
        catch (SourceApiException problem)
        {
            return Nothing(memory, range) with { Unfillable = problem.Message };
        }
    }

    private async Task<PulledRange> PullAsync(
        AskedSource asked,
        SourceState state,
        SourceMemory memory,
        TimeRange range,
        int maxSamples,
        CancellationToken cancellationToken
    )
    {
        var (target, body) = (asked.Target, state.Pulled);
        body.MaxSamples = PullLimits.MostSamples;
        var external = asked.Mode is PullMode.Range ? asked.ExternalLabels ?? LabelSet.Empty : LabelSet.Empty;
        body.Begin(target.Labels, target.Config, external, target.NativeHistograms.IsScraped, range.MaxMs);
        var bounds = new SliceRange(range.MinMs, range.MaxMs)
        {
            MaxSamples = maxSamples,
            DeadlineMs = NowMs + (long)target.Interval.TotalMilliseconds,
            FirstMs = PullLimits.MaxSilenceMs,
        };
        var run = await slices.RunAsync(asked, body, bounds, memory.Pull, cancellationToken);
        var samples = body.End();
        var markers = body.Markers();
        var columns = new SampleColumns(
            new SeriesList([.. markers.Select(one => one.Series)]),
            markers.Select(one => one.AtMs).ToArray(),
            markers.Select(one => one.IsHistogram ? StaleMarker.NormalNaN : StaleMarker.Value).ToArray()
        )
        {
            Histograms = markers.Any(one => one.IsHistogram)
                ? markers.Select(one => one.IsHistogram ? Histogram.Stale : null).ToArray()
                : default,
        };
        return new PulledRange(
            samples,
            columns,
            run.ReachedMs,
            memory with
            {
                Pull = memory.Pull with { SliceMs = run.SliceMs },
            }
        )
        {
            Error = Words.Clean(run.Problem?.Message ?? "", PullLimits.MaxErrorChars),
            Unfillable = run.Problem is { Problem: SourceApiProblem.Refused } refused ? refused.Message : "",
            BodyBytes = run.Bytes,
        };
    }

    private static PulledRange Nothing(SourceMemory memory, TimeRange range)
    {
        var nothing = new SampleColumns(SeriesList.Empty, default, default);
        return new PulledRange(nothing, nothing, range.MinMs, memory);
    }

    private static PulledRange Unpulled(SourceMemory memory, TimeRange range, PullChoice choice)
    {
        var nothing = Nothing(memory, range);
        // A source without series has nothing with which the range could be filled.
        return choice.IsEmpty ? nothing with { ReachedMs = range.MaxMs }
            : choice.IsRefused && !choice.Memory.Refused.Any(one => one.MayPass)
                ? nothing with
                {
                    Unfillable = choice.Problem,
                }
            : nothing with { Error = choice.Problem };
    }

    /// <summary>Without a way that brings all samples a job that takes any is scraped; another one fails, with what to do.</summary>
    private async Task<Collected> WithoutWayAsync(
        SourceTurn turn,
        PullMode wanted,
        PullChoice choice,
        CancellationToken cancellationToken
    )
    {
        if (!choice.IsRefused)
        {
            var failed = choice.Memory with { Failures = choice.Memory.Failures + 1 };
            return live.Without(turn, failed, Verdict.Failed, choice.Problem);
        }
        if (wanted is PullMode.Auto)
        {
            turn.State.ReleasePulled();
            var scraped = turn.Memory with { Pull = choice.Memory with { CursorMs = 0 } };
            return await splits.CollectAsync(turn with { Memory = scraped }, cancellationToken);
        }
        var advice = $"pull: {PullChooser.NameOf(wanted)} does not work here; write pull: auto, or federate";
        return live.Without(turn, choice.Memory, Verdict.Failed, $"{advice}: {choice.Problem}");
    }

    private AskedSource Ask(Target target, PullMode mode)
    {
        var guard = guards.Of($"{target.Source} {target.Url.Authority}", target.Config.Source.MaxRequests);
        var selectors = PullSelectors.Of(target);
        // Where that takes many more, doubles are left to be passed over.
        var disjoint =
            SelectorAlgebra.MakeDisjoint(selectors.Selectors, 2 * selectors.Selectors.Count)
            ?? SelectorAlgebra.WithoutContained(selectors.Selectors);
        return new AskedSource(target, selectors with { Selectors = disjoint }, guard, mode, null);
    }

    private static AskedSource With(AskedSource asked, PullMode mode, PullMemory memory) =>
        asked with
        {
            Mode = mode,
            ExternalLabels = memory.KnowsExternalLabels ? memory.ExternalLabels : null,
        };

    private static string Blocked(long untilMs) =>
        "the source asked to be left alone until "
        + DateTimeOffset.FromUnixTimeMilliseconds(untilMs).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
