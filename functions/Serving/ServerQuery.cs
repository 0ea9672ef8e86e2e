using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Serving;

/// <summary>Asks a server that speaks Prometheus' HTTP API.</summary>
internal sealed class ServerQuery(string server, QueryRequest request)
{
    private const long MaxAnswerBytes = 1L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The answer's body, which is a success.</summary>
    /// <exception cref="CommandException">There is none; the message says why.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(QueryTimes times)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw CommandException.Usage("--server has to be a whole URL, such as http://localhost:9090.");
        }
        using var client = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        if (url.UserInfo.Length > 0)
        {
            var credentials = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(credentials)
            );
        }
        var address = $"{url.Scheme}://{url.Authority}{url.AbsolutePath.TrimEnd('/')}/api/v1/{Endpoint()}";
        try
        {
            using var response = await client.GetAsync(new Uri($"{address}?{Parameters(times)}"));
            var body = await response.Content.ReadAsByteArrayAsync();
            return response.IsSuccessStatusCode ? body : throw Failed($"{(int)response.StatusCode}: {ErrorOf(body)}");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            throw Failed(exception.Message, exception);
        }

        CommandException Failed(string problem, Exception? cause = null) =>
            new($"{url.Scheme}://{url.Authority} says {problem}", ExitCode.Failed, cause);
    }

    private string Endpoint() =>
        request.Verb switch
        {
            QueryRequest.Instant => "query",
            QueryRequest.Range => "query_range",
            QueryRequest.Series => "series",
            _ => request.Label is { } label ? $"label/{Uri.EscapeDataString(label)}/values" : "labels",
        };

    private string Parameters(QueryTimes times)
    {
        var isQuery = request.Verb is QueryRequest.Instant or QueryRequest.Range;
        var pairs = request.Texts.Select(text => (isQuery ? "query" : "match[]", text)).ToList();
        if (request.Verb is QueryRequest.Instant)
        {
            Add("time", times.StartMs);
        }
        else
        {
            Add("start", times.StartMs);
            Add("end", times.EndMs);
        }
        if (times.StepMs > 0)
        {
            Add("step", times.StepMs);
        }
        if (request.Limit > 0)
        {
            pairs.Add(("limit", request.Limit.ToString(CultureInfo.InvariantCulture)));
        }
        return string.Join(
            '&',
            pairs.Select(pair => $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2)}")
        );

        void Add(string name, long? ms)
        {
            if (ms is { } value)
            {
                pairs.Add((name, (value / 1000m).ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    private static string ErrorOf(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("error").GetString() ?? "";
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            var text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 300)));
            return text.ReplaceLineEndings(" ").Trim();
        }
    }
}
