using System.Net.Http.Headers;
using System.Text.Json;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>Posts envelopes to a handler and reads its answers as strictly as the host.</summary>
internal sealed class HandlerClient : IDisposable
{
    private static readonly string[] JsonTypes = ["application/json", "text/json"];
    private readonly HttpClient http;

    public HandlerClient(int port) =>
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
            }
        )
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>Calls a function.</summary>
    /// <returns>The invocation; null when its answer leaves the host waiting until the function's time is over.</returns>
    public async Task<Invocation?> InvokeAsync(string function, byte[] envelope, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{function}");
        request.Content = new ByteArrayContent(envelope);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add(HostVersion.InvocationIdHeader, Guid.NewGuid().ToString());
        request.Headers.Add(HostVersion.VersionHeader, HostVersion.Version);
        request.Headers.UserAgent.ParseAdd(HostVersion.UserAgent);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, stop);
            var body = await answer.Content.ReadAsStringAsync(stop);
            return answer.IsSuccessStatusCode
                ? Read(function, answer.Content, body)
                : Failed(
                    function,
                    $"Response status code does not indicate success: {(int)answer.StatusCode} ({answer.ReasonPhrase}).",
                    body
                );
        }
        catch (HttpRequestException exception)
        {
            return Failed(function, $"{exception.Message} {exception.InnerException?.Message}", "");
        }
    }

    public void Dispose() => http.Dispose();

    private static Invocation? Read(string function, HttpContent content, string body)
    {
        var type = content.Headers.ContentType?.MediaType;
        if (!JsonTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            // Without a formatter for it, an answer that says that it is empty is null; any other is an error.
            return content.Headers.ContentLength == 0
                ? null
                : Failed(
                    function,
                    $"No MediaTypeFormatter is available to read an object of type 'HttpScriptInvocationResult' "
                        + $"from content with media type '{type ?? "application/octet-stream"}'.",
                    body
                );
        }
        if (string.IsNullOrWhiteSpace(body))
        {
            return null;
        }
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Null
                ? null
                : Accepted(function, document.RootElement, body);
        }
        catch (JsonException exception)
        {
            return Failed(function, exception.Message, body);
        }
    }

    /// <summary>Both fields may be missing or null; of another shape, the host cannot read the answer.</summary>
    private static Invocation Accepted(string function, JsonElement root, string body)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Failed(
                function,
                $"Cannot deserialize a JSON {root.ValueKind} into 'HttpScriptInvocationResult'.",
                body
            );
        }
        var outputs = Field(root, "Outputs");
        if (outputs is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object, _))
        {
            return Failed(function, $"Cannot deserialize a JSON {outputs.Kind} into 'Outputs'.", body);
        }
        var logs = Field(root, "Logs");
        return logs.Kind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => new Invocation(function, Outcome.Succeeded, "", [], body),
            JsonValueKind.Array => new Invocation(
                function,
                Outcome.Succeeded,
                "",
                [.. logs.Value.EnumerateArray().Select(line => line.ToString())],
                body
            ),
            _ => Failed(function, $"Cannot deserialize a JSON {logs.Kind} into 'Logs'.", body),
        };
    }

    private static (JsonValueKind Kind, JsonElement Value) Field(JsonElement root, string name)
    {
        var value = root.EnumerateObject()
            .LastOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
            .Value;
        return (value.ValueKind, value);
    }

    private static Invocation Failed(string function, string error, string body) =>
        new(function, Outcome.Failed, error, [], body);
}
