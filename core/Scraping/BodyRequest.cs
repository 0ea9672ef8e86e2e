using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Exposition;
using Tributary.HttpClients;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Sends one request to a source, and reads the body of the answer into the source's state.</summary>
/// <param name="http">What sends the requests of a target.</param>
/// <param name="time">The clock.</param>
/// <param name="limits">What a source may send.</param>
internal sealed class BodyRequest(Func<Target, HttpMessageInvoker> http, TimeProvider time, ScrapeLimits limits)
{
    /// <summary>A timer takes no longer times.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(45);

    /// <summary>Sends the request. Whatever the source does ends in an outcome.</summary>
    /// <param name="target">The source, with the URL to ask.</param>
    /// <param name="state">Gets the samples.</param>
    /// <param name="part">Into which of its parts.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Ends the request without an outcome.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<BodyOutcome> SendAsync(
        Target target,
        SourceState state,
        int part,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        if (target.Problem is { } reason)
        {
            return new BodyOutcome(Verdict.Failed, reason, 0);
        }
        var started = time.GetTimestamp();
        var outcome = await RequestAsync(new Turn(target, state, part, limit), cancellationToken);
        return outcome with { Seconds = time.GetElapsedTime(started).TotalSeconds };
    }

    private async Task<BodyOutcome> RequestAsync(Turn turn, CancellationToken cancellationToken)
    {
        var (target, _, _, limit) = turn;
        using var timeout = new CancellationTokenSource(limit < LongestTimeout ? limit : LongestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = ScrapeRequest.Create(target);
            using var response = await http(target).SendAsync(request, both.Token);
            var outcome = await AnswerAsync(turn, response, both.Token, cancellationToken);
            // Errors quote the source, which may repeat what it was asked with.
            return outcome with { Error = SentSecrets.Hide(outcome.Error, response.RequestMessage) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new BodyOutcome(Verdict.Failed, $"no answer within {TimeText(target, limit)}", 0)
            {
                IsTimeout = true,
            };
        }
        catch (HttpRequestException problem)
        {
            return new BodyOutcome(Verdict.Failed, ConnectionProblem.Describe(problem, target.Url), 0);
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            return new BodyOutcome(
                Verdict.Failed,
                $"the connection to {target.Url.Authority} broke: {problem.Message}",
                0
            );
        }
    }

    private async Task<BodyOutcome> AnswerAsync(
        Turn turn,
        HttpResponseMessage response,
        CancellationToken bounded,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await ScrapeRequest.CheckAsync(response, turn.Target, bounded);
            return await ReadAsync(turn, response, bounded, cancellationToken);
        }
        catch (ScrapeException problem)
        {
            return new BodyOutcome(Verdict.Failed, problem.Message, 0)
            {
                IsTimeout = response.StatusCode is HttpStatusCode.GatewayTimeout,
                IsRefused =
                    response.StatusCode
                        is HttpStatusCode.BadRequest
                            or HttpStatusCode.RequestUriTooLong
                            or HttpStatusCode.UnprocessableEntity
                            or HttpStatusCode.RequestHeaderFieldsTooLarge,
            };
        }
    }

    private async Task<BodyOutcome> ReadAsync(
        Turn turn,
        HttpResponseMessage response,
        CancellationToken bounded,
        CancellationToken cancellationToken
    )
    {
        var (target, state, part, limit) = turn;
        using var buffer = new BodyBuffer(limits.MaxLineBytes);
        CompressedBytes? compressed = null;
        try
        {
            var raw = await response.Content.ReadAsStreamAsync(bounded);
            await using var rawDisposal = raw;
            compressed = ScrapeRequest.IsCompressed(response) ? new CompressedBytes(raw) : null;
            var body = compressed is null ? raw : new GZipStream(compressed, CompressionMode.Decompress, true);
            await using var bodyDisposal = body;
            var reader = new BodyReader(
                state.Body.Parts[part].Collector,
                buffer,
                limits,
                target.Config.Limits.BodySizeLimit,
                ContentType.Of(response.Content.Headers).FormatFor(target.Config.FallbackScrapeProtocol),
                OptionsOf(target.NativeHistograms)
            );
            var end = await reader.ReadAsync(body, target.IsFederate, bounded);
            var (verdict, error) = state.Judge(part, end, target.IsFederate);
            return new BodyOutcome(verdict, error, buffer.TotalBytes);
        }
        catch (ExpositionException problem)
        {
            return new BodyOutcome(Verdict.Failed, problem.Message, buffer.TotalBytes);
        }
        catch (ScrapeException problem)
        {
            var extent = problem.IsBodySize ? BodyExtent.TooLarge : BodyExtent.None;
            return new BodyOutcome(Verdict.Failed, problem.Message, buffer.TotalBytes) { Extent = extent };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Broken(buffer, $"the body did not end within {TimeText(target, limit)}") with { IsTimeout = true };
        }
        catch (InvalidDataException problem)
        {
            return compressed is { HasEnded: true }
                ? Broken(buffer, $"the gzip body is cut off after {buffer.TotalBytes} decompressed bytes")
                : Damaged(buffer, problem);
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException or SocketException)
        {
            return Broken(buffer, $"the transfer broke after {buffer.TotalBytes} bytes: {problem.Message}");
        }
    }

    private static BodyOutcome Damaged(BodyBuffer buffer, InvalidDataException problem) =>
        new(Verdict.Failed, $"the gzip body is damaged: {problem.Message}", buffer.TotalBytes)
        {
            Extent = BodyExtent.None,
        };

    private static BodyOutcome Broken(BodyBuffer buffer, string error) =>
        new(Verdict.Partial, error, buffer.TotalBytes);

    private static HistogramOptions OptionsOf(HistogramConfig config) =>
        new(config.IsScraped, config.AlwaysScrapesClassic, config.ConvertsClassic);

    private static string TimeText(Target target, TimeSpan limit) =>
        limit == target.Timeout
            ? $"the scrape timeout of {target.Timeout.TotalSeconds} s"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the {limit.TotalSeconds:0.0} s that were left of the interval"
            );

    /// <summary>One request: for which part of which source, and how long it may take.</summary>
    private sealed record Turn(Target Target, SourceState State, int Part, TimeSpan Limit);
}
