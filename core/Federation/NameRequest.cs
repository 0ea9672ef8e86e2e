using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tributary.Discovery;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Asks a source which metric names it has, by its <c>/api/v1/label/__name__/values</c>.</summary>
/// <param name="scraper">Knows who sends requests, and the clock.</param>
internal sealed class NameRequest(Scraper scraper)
{
    private const int MaxBodyBytes = 16 << 20;

    /// <summary>A series that is older than the lookback is not in an answer of <c>/federate</c> either.</summary>
    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Asks. Whatever the source does ends in an answer.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<NameAnswer> AskAsync(Target target, SplitSelectors selectors, CancellationToken cancellationToken)
    {
        var wait = target.Timeout / 2 < LongestWait ? target.Timeout / 2 : LongestWait;
        using var timeout = new CancellationTokenSource(wait, scraper.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var from = scraper.Time.GetUtcNow() - Lookback;
            using var request = new HttpRequestMessage(HttpMethod.Get, selectors.NamesUrl(from.ToUnixTimeSeconds()));
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
            using var response = await scraper.Http(target).SendAsync(request, both.Token);
            return response.StatusCode is HttpStatusCode.OK
                ? new NameAnswer(true, await ReadAsync(response, both.Token))
                : new NameAnswer(true, []);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NameAnswer.Silence;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or SocketException)
        {
            return NameAnswer.Silence;
        }
        catch (Exception problem) when (problem is JsonException or InvalidDataException)
        {
            // It answers, but not this question.
            return new NameAnswer(true, []);
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var rawDisposal = raw;
        var isCompressed = response.Content.Headers.ContentEncoding.Contains("gzip", StringComparer.OrdinalIgnoreCase);
        var body = isCompressed ? new GZipStream(raw, CompressionMode.Decompress, leaveOpen: true) : raw;
        await using var bodyDisposal = body;
        using var bytes = new MemoryStream();
        var piece = new byte[1 << 16];
        for (var read = -1; read != 0; )
        {
            read = await body.ReadAsync(piece, cancellationToken);
            if (bytes.Length + read > MaxBodyBytes)
            {
                throw new InvalidDataException($"the list of metric names is longer than {MaxBodyBytes} bytes");
            }
            await bytes.WriteAsync(piece.AsMemory(0, read), cancellationToken);
        }
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>The texts of the array <c>data</c>.</summary>
    private static List<string> Read(ReadOnlySpan<byte> json)
    {
        var names = new List<string>();
        var reader = new Utf8JsonReader(json);
        var isInside = false;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                isInside = reader.ValueTextEquals("data"u8);
            }
            else if (isInside && reader.TokenType is JsonTokenType.String && reader.CurrentDepth == 2)
            {
                names.Add(reader.GetString()!);
            }
        }
        return names;
    }
}

/// <summary>What a source said of its metric names.</summary>
/// <param name="IsThere">Whether it answered at all.</param>
/// <param name="Names">The names; none when it does not tell.</param>
internal sealed record NameAnswer(bool IsThere, IReadOnlyList<string> Names)
{
    /// <summary>No answer.</summary>
    public static readonly NameAnswer Silence = new(false, []);
}
