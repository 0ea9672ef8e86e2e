using System.Text;
using System.Text.Json;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Exposition;

namespace Tributary.Federation;

/// <summary>What answers other than 200 mean.</summary>
internal static class ApiErrors
{
    private const int MaxErrorBytes = 4096;
    private const int MaxExcerptBytes = 200;

    /// <summary>The error that an answer is.</summary>
    public static async Task<SourceApiException> OfAsync(
        Target target,
        HttpResponseMessage response,
        Stream body,
        CancellationToken cancellationToken
    )
    {
        var (type, told) = Read(await BeginningAsync(body, cancellationToken));
        var status = (int)response.StatusCode;
        var problem = ProblemOf(status, type, told);
        var path = response.RequestMessage?.RequestUri?.AbsolutePath ?? target.Url.AbsolutePath;
        var hint = status switch
        {
            401 or 403 => " (it wants credentials for its API, or others than it got)",
            404 => " (is its API behind the same prefix as its /federate?)",
            _ => "",
        };
        var text = told.Length > 0 ? $": {told}" : "";
        return new SourceApiException(
            problem,
            $"{CredentialText.Hide(path)} answered {status} {ReasonOf(response)}{hint}{text}"
        )
        {
            Status = status,
            RetryAfter = RetryAfterOf(response),
        };
    }

    private static SourceApiProblem ProblemOf(int status, string type, string told) =>
        status switch
        {
            422 or 413 => SourceApiProblem.TooMuch,
            400 when told.Contains("sample limit", StringComparison.OrdinalIgnoreCase) => SourceApiProblem.TooMuch,
            // Prometheus says 503 when a query takes too long, and a gateway in front of it 504.
            504 => SourceApiProblem.TimedOut,
            503 when type is "timeout" or "canceled" => SourceApiProblem.TimedOut,
            429 or 503 => SourceApiProblem.Throttled,
            408 or (>= 500 and not 501) => SourceApiProblem.Failed,
            _ => SourceApiProblem.Refused,
        };

    private static TimeSpan RetryAfterOf(HttpResponseMessage response)
    {
        var said = response.Headers.RetryAfter;
        var wait =
            said?.Delta
            ?? (said?.Date is { } date && response.Headers.Date is { } now ? date - now : (TimeSpan?)null)
            ?? TimeSpan.FromMilliseconds(PullLimits.DefaultRetryMs);
        return TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds, 0, PullLimits.MaxRetryMs));
    }

    private static string ReasonOf(HttpResponseMessage response) =>
        string.IsNullOrEmpty(response.ReasonPhrase) ? response.StatusCode.ToString() : response.ReasonPhrase;

    private static async Task<byte[]> BeginningAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxErrorBytes];
        try
        {
            var count = await body.ReadAtLeastAsync(bytes, bytes.Length, false, cancellationToken);
            return bytes[..count];
        }
        catch (InvalidDataException)
        {
            return "its reason is in a damaged gzip body"u8.ToArray();
        }
    }

    /// <summary>The type and the text of an API's error; of anything else its beginning.</summary>
    private static (string Type, string Text) Read(byte[] bytes)
    {
        var (type, text) = ("", "");
        try
        {
            var reader = new Utf8JsonReader(bytes);
            while (reader.Read() && reader.CurrentDepth <= 1)
            {
                if (reader.TokenType is not JsonTokenType.PropertyName)
                {
                    continue;
                }
                var (isType, isText) = (reader.ValueTextEquals("errorType"u8), reader.ValueTextEquals("error"u8));
                if ((isType || isText) && reader.Read() && reader.TokenType is JsonTokenType.String)
                {
                    var value = reader.GetString()!;
                    (type, text) = (isType ? value : type, isText ? value : text);
                }
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // Not the API's own words, or longer than what was read of them.
            text = text.Length > 0 ? text : Excerpt(bytes);
        }
        return (type, text);
    }

    private static string Excerpt(byte[] bytes)
    {
        var plain = Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n');
        return plain.Length == 0 ? "" : ExpositionException.Excerpt(Encoding.UTF8.GetBytes(plain), MaxExcerptBytes);
    }
}
