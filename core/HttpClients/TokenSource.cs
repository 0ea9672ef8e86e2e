using Tributary.Configuration.Http;

namespace Tributary.HttpClients;

/// <summary>Tokens of one token endpoint, kept until shortly before they expire; one is fetched at a time.</summary>
/// <remarks>https://www.rfc-editor.org/rfc/rfc6749#section-4.4 and https://www.rfc-editor.org/rfc/rfc7523#section-2.1</remarks>
internal sealed class TokenSource(OAuth2Config config, HttpMessageInvoker http, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>How long before its end a token is not used any more.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly TokenRequest asking = new(config, time);
    private Kept? kept;

    /// <summary>The value of <c>Authorization</c> for a request.</summary>
    /// <exception cref="HttpClientException">No token is to be had.</exception>
    public async ValueTask<string> GetAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var secret = asking.ReadSecret();
        if (Valid(secret) is { } early)
        {
            return early;
        }
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (Valid(secret) is { } meanwhile)
            {
                return meanwhile;
            }
            var isInBody = kept is { } last && last.Secret == secret ? last.IsInBody : (bool?)null;
            var fetched = await FetchAsync(secret, isInBody, request, cancellationToken);
            Volatile.Write(ref kept, fetched);
            return fetched.Answer.Header!;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        http.Dispose();
        turn.Dispose();
    }

    private string? Valid(string secret) =>
        Volatile.Read(ref kept) is { } one
        && one.Secret == secret
        && (one.Answer.ExpiresIn is not { } seconds || time.GetUtcNow() < one.Fetched + seconds - Early)
            ? one.Answer.Header
            : null;

    /// <summary>Fetches a token. Endpoints differ in where they want the client's name and secret; what is not known is tried.</summary>
    private async Task<Kept> FetchAsync(
        string secret,
        bool? isInBody,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var first = isInBody ?? asking.IsAssertion;
        var answer = await AskAsync(secret, first, request, cancellationToken);
        if (answer.Header is null && isInBody is null && !asking.IsAssertion)
        {
            first = true;
            answer = await AskAsync(secret, first, request, cancellationToken);
        }
        return answer.Header is null
            ? throw new HttpClientException($"no token from {config.TokenUrl.Authority}: {answer.Problem}")
            : new Kept(secret, first, answer, time.GetUtcNow());
    }

    private async Task<TokenAnswer> AskAsync(
        string secret,
        bool isInBody,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        using var message = asking.Create(secret, isInBody);
        if (request.Headers.NonValidated.TryGetValues("User-Agent", out var agent))
        {
            message.Headers.TryAddWithoutValidation("User-Agent", agent);
        }
        try
        {
            using var response = await http.SendAsync(message, cancellationToken);
            return TokenAnswer.Read(response, await BodyAsync(response, cancellationToken));
        }
        catch (HttpRequestException problem)
        {
            var text = ConnectionProblem.Describe(problem, config.TokenUrl, "token server");
            throw new HttpClientException($"no token from {config.TokenUrl.Authority}: {text}", problem);
        }
        catch (IOException problem)
        {
            throw new HttpClientException($"no token from {config.TokenUrl.Authority}: the answer broke off", problem);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var disposal = body;
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        for (int count; (count = await body.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (bytes.Length + count > MaxAnswerBytes)
            {
                throw new HttpRequestException($"its answer is larger than {MaxAnswerBytes} bytes");
            }
            await bytes.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        return bytes.ToArray();
    }

    private sealed record Kept(string Secret, bool IsInBody, TokenAnswer Answer, DateTimeOffset Fetched)
    {
        // The generated one would show the secret.
        public override string ToString() => "<secret>";
    }
}
