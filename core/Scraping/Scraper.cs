using System.IO.Compression;
using System.Net.Sockets;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Exposition;
using Tributary.HttpClients;
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

    /// <summary>A timer takes no longer times.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(45);

    private readonly SeriesBudget budget = budget ?? SeriesBudget.Unlimited;

    /// <summary>How far a timestamp may lie before the scrape.</summary>
    public TimeSpan MaxAge { get; set; } = limits.MaxAge;

    /// <summary>What sends the requests of a target.</summary>
    internal Func<Target, HttpMessageInvoker> Http => http;

    /// <summary>The clock.</summary>
    internal TimeProvider Time => time;

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
    )
    {
        var startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var started = time.GetTimestamp();
        var stampMs = StampOf(state, startedMs, tickMs);
        var bounds = new TimeRange(
            startedMs - (long)MaxAge.TotalMilliseconds,
            startedMs + (long)limits.MaxAhead.TotalMilliseconds
        );
        state.Body.Begin(target.Labels, target.Config, stampMs, bounds);
        var outcome = await RequestAsync(target, state, cancellationToken);
        if (outcome.Verdict is not Verdict.Failed && state.Body.FindBreach() is { } breach)
        {
            outcome = outcome with { Verdict = Verdict.Failed, Error = breach };
        }
        var report = new ScrapeReport
        {
            Verdict = outcome.Verdict,
            StartedMs = startedMs,
            DurationSeconds = time.GetElapsedTime(started).TotalSeconds,
            BodyBytes = outcome.BodyBytes,
            Error = Words.Clean(outcome.Error, MaxErrorChars),
        };
        return state.Finish(target, report, outcome.Extent, stampMs, tickMs);
    }

    /// <summary>The time of what has none of its own: the tick, or of a late scrape its own, which can be behind the next tick.</summary>
    /// <remarks>Nothing is ever stamped back.</remarks>
    internal static long StampOf(SourceState state, long startedMs, long tickMs) =>
        Math.Abs(startedMs - tickMs) <= MaxTickDistanceMs && tickMs > state.LastReportMs ? tickMs : startedMs;

    private async Task<Outcome> RequestAsync(Target target, SourceState state, CancellationToken cancellationToken)
    {
        if (target.Problem is { } reason)
        {
            return new Outcome(Verdict.Failed, reason, 0);
        }
        using var timeout = new CancellationTokenSource(
            target.Timeout < LongestTimeout ? target.Timeout : LongestTimeout,
            time
        );
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = ScrapeRequest.Create(target);
            using var response = await http(target).SendAsync(request, both.Token);
            var outcome = await AnswerAsync(target, state, response, both.Token, cancellationToken);
            // Errors quote the source, which may repeat what it was asked with.
            return outcome with { Error = SentSecrets.Hide(outcome.Error, response.RequestMessage) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Outcome(
                Verdict.Failed,
                $"no answer within the scrape timeout of {target.Timeout.TotalSeconds} s",
                0
            );
        }
        catch (HttpRequestException problem)
        {
            return new Outcome(Verdict.Failed, ConnectionProblem.Describe(problem, target.Url), 0);
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            return new Outcome(Verdict.Failed, $"the connection to {target.Url.Authority} broke: {problem.Message}", 0);
        }
    }

    private async Task<Outcome> AnswerAsync(
        Target target,
        SourceState state,
        HttpResponseMessage response,
        CancellationToken bounded,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await ScrapeRequest.CheckAsync(response, target, bounded);
            return await ReadAsync(target, state, response, bounded, cancellationToken);
        }
        catch (ScrapeException problem)
        {
            return new Outcome(Verdict.Failed, problem.Message, 0);
        }
    }

    private async Task<Outcome> ReadAsync(
        Target target,
        SourceState state,
        HttpResponseMessage response,
        CancellationToken bounded,
        CancellationToken cancellationToken
    )
    {
        using var buffer = new BodyBuffer(limits.MaxLineBytes);
        try
        {
            var raw = await response.Content.ReadAsStreamAsync(bounded);
            await using var rawDisposal = raw;
            var body = ScrapeRequest.IsCompressed(response)
                ? new GZipStream(raw, CompressionMode.Decompress, true)
                : raw;
            await using var bodyDisposal = body;
            var type = ContentType.Of(response.Content.Headers);
            var reader = new BodyReader(
                state.Body,
                buffer,
                limits,
                target.Config.Limits.BodySizeLimit,
                type.FormatFor(target.Config.FallbackScrapeProtocol),
                OptionsOf(target.NativeHistograms)
            );
            var end = await reader.ReadAsync(body, target.IsFederate, bounded);
            var (verdict, error) = state.Judge(end, target.IsFederate);
            return new Outcome(verdict, error, buffer.TotalBytes);
        }
        catch (ExpositionException problem)
        {
            return new Outcome(Verdict.Failed, problem.Message, buffer.TotalBytes);
        }
        catch (ScrapeException problem)
        {
            var extent = problem.IsBodySize ? BodyExtent.TooLarge : BodyExtent.None;
            return new Outcome(Verdict.Failed, problem.Message, buffer.TotalBytes) { Extent = extent };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Outcome(
                Verdict.Partial,
                $"the body did not end within the scrape timeout of {target.Timeout.TotalSeconds} s",
                buffer.TotalBytes
            );
        }
        catch (InvalidDataException problem)
        {
            return new Outcome(Verdict.Failed, $"the gzip body is damaged: {problem.Message}", buffer.TotalBytes)
            {
                Extent = BodyExtent.None,
            };
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException or SocketException)
        {
            return new Outcome(
                Verdict.Partial,
                $"the transfer broke after {buffer.TotalBytes} bytes: {problem.Message}",
                buffer.TotalBytes
            );
        }
    }

    private static HistogramOptions OptionsOf(HistogramConfig config) =>
        new(config.IsScraped, config.AlwaysScrapesClassic, config.ConvertsClassic);

    private sealed record Outcome(Verdict Verdict, string Error, long BodyBytes)
    {
        public BodyExtent Extent { get; init; } = BodyExtent.Read;
    }
}
