using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Scrapes one source once: request, body, verdict, report and staleness markers as one batch.</summary>
/// <param name="http">What sends the requests of a target: as its job's configuration says; it need not decompress.</param>
/// <param name="time">The clock.</param>
/// <param name="series">Where equal label sets become one, shared by all sources.</param>
/// <param name="limits">What a source may send.</param>
/// <param name="budget">What the series of all sources may take; null is as much as there is.</param>
public sealed class Scraper(
    Func<Target, HttpMessageInvoker> http,
    TimeProvider time,
    SeriesTable series,
    ScrapeLimits limits,
    SeriesBudget? budget = null
)
{
    /// <summary>A scrape that begins so near to its tick is stamped with the tick's time.</summary>
    private const long MaxTickDistanceMs = 1000;

    /// <summary>Longer errors are cut: sources write parts of them, and each is in the log and in every answer.</summary>
    private const int MaxErrorChars = 1000;

    private readonly SeriesBudget budget = budget ?? SeriesBudget.Unlimited;
    private readonly BodyRequest requests = new(http, time, limits);

    /// <summary>The clock.</summary>
    internal TimeProvider Time => time;

    /// <summary>Where equal label sets become one.</summary>
    internal SeriesTable Series => series;

    /// <summary>How far a timestamp may lie before the scrape.</summary>
    public TimeSpan MaxAge { get; set; } = limits.MaxAge;

    /// <summary>What sends the requests of a target.</summary>
    internal Func<Target, HttpMessageInvoker> Http => http;

    /// <summary>What a source may send.</summary>
    internal ScrapeLimits Limits => limits;

    /// <summary>The state for a source that this scraper has not scraped yet.</summary>
    public SourceState CreateState() => new(series, limits, budget);

    /// <summary>Scrapes a source. Whatever the source does ends in a batch, with the verdict and the error in its report.</summary>
    /// <param name="target">The source.</param>
    /// <param name="state">Its state; the columns of the batch are valid until the next scrape with it.</param>
    /// <param name="tickMs">The tick that is taken, milliseconds since the epoch.</param>
    /// <param name="cancellationToken">Ends the scrape without a batch.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Batch> ScrapeAsync(
        Target target,
        SourceState state,
        long tickMs,
        CancellationToken cancellationToken
    ) => (await ScrapeAsync(target, null, state, tickMs, cancellationToken)).Batch;

    /// <summary>As the other, by one request or by several: what they bring becomes one batch, with one stamp and one verdict.</summary>
    /// <remarks>A request may take the timeout of the target; all together may take its interval.</remarks>
    /// <param name="target">The source.</param>
    /// <param name="division">The requests; null for one.</param>
    /// <param name="state">Its state; the columns of the batch are valid until the next scrape with it.</param>
    /// <param name="tickMs">The tick that is taken, milliseconds since the epoch.</param>
    /// <param name="cancellationToken">Ends the scrape without a batch.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<DividedScrape> ScrapeAsync(
        Target target,
        ScrapeDivision? division,
        SourceState state,
        long tickMs,
        CancellationToken cancellationToken
    )
    {
        var startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var started = time.GetTimestamp();
        var stampMs = StampOf(state, startedMs, tickMs);
        var bounds = new TimeRange(
            startedMs - (long)MaxAge.TotalMilliseconds,
            startedMs + (long)limits.MaxAhead.TotalMilliseconds
        );
        division = division is { Parts.Count: > 1 } ? division : null;
        state.Divide(division);
        state.Body.Begin(target.Labels, target.Config, stampMs, bounds, target.IsFederate);
        var outcomes = division is null
            ? [await requests.SendAsync(target, state, 0, target.Timeout, cancellationToken)]
            : await new DividedRequest(requests, time, target, division).SendAsync(state, cancellationToken);
        var outcome = division is null ? outcomes[0] : DividedRequest.Judge(division, outcomes, state.Body);
        outcome = CheckLimits(target, state, outcome);
        var series = state.Body.Parts.Select(part => part.Collector.Series).ToArray();
        var report = new ScrapeReport
        {
            Verdict = outcome.Verdict,
            StartedMs = startedMs,
            DurationSeconds = time.GetElapsedTime(started).TotalSeconds,
            BodyBytes = outcome.BodyBytes,
            Error = Words.Clean(outcome.Error, MaxErrorChars),
        };
        var batch = state.Finish(target, report, outcome.Extent, stampMs, tickMs);
        return new DividedScrape(batch, [.. outcomes.Select((part, i) => part.Describe(series[i]))]);
    }

    /// <summary>The time of what has none of its own: the tick, or of a late scrape its own, which can be behind the next tick.</summary>
    /// <remarks>Nothing is ever stamped back.</remarks>
    internal static long StampOf(SourceState state, long startedMs, long tickMs) =>
        Math.Abs(startedMs - tickMs) <= MaxTickDistanceMs && tickMs > state.LastReportMs ? tickMs : startedMs;

    /// <summary>Limits of the job hold for the scrape as a whole.</summary>
    private static BodyOutcome CheckLimits(Target target, SourceState state, BodyOutcome outcome)
    {
        if (outcome.Verdict is Verdict.Failed)
        {
            return outcome;
        }
        if (target.Config.Limits.BodySizeLimit is var limit and > 0 && outcome.BodyBytes >= limit)
        {
            return outcome with
            {
                Verdict = Verdict.Failed,
                Error = $"body_size_limit exceeded: the parts have {limit} bytes or more together, decompressed",
                Extent = BodyExtent.TooLarge,
            };
        }
        return state.Body.FindBreach() is { } breach
            ? outcome with
            {
                Verdict = Verdict.Failed,
                Error = breach,
            }
            : outcome;
    }
}
