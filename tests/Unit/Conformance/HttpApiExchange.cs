using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>A recorded request with its answer, put to a server.</summary>
internal sealed class HttpApiExchange(JsonElement recorded)
{
    /// <summary>Objects of which the members are data, not form.</summary>
    private static readonly Dictionary<string, string> Maps = new(StringComparer.Ordinal)
    {
        // Which families a limit leaves is unspecified, and a server's flags are its own.
        ["live/metadata_limit"] = "/data",
        ["live/metadata_limit_per_metric"] = "/data",
        ["live/status_flags"] = "/data",
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Id => Text(recorded, "id");

    public bool IsLive => Text(recorded, "server") is "live";

    /// <summary>The clock of the server when it answered, in milliseconds; 0 where it does not matter.</summary>
    public long NowMs => recorded.TryGetProperty("now", out var now) ? (long)(now.GetDecimal() * 1000) : 0;

    private string Mode => Text(recorded, "compare");

    /// <summary>What is different in our answer; null when nothing is.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="token">Ends it.</param>
    public async Task<string?> JudgeAsync(Uri server, CancellationToken token)
    {
        using var client = new HttpClient { Timeout = Patience };
        using var message = Request(server);
        HttpResponseMessage answer;
        try
        {
            answer = await client.SendAsync(message, token);
        }
        catch (TaskCanceledException) when (!token.IsCancellationRequested)
        {
            return "no answer";
        }
        using var response = answer;
        var status = (int)response.StatusCode;
        var body = await ReadAsync(response, token);
        if (HttpApiDifferences.Find(Id) is { } differs)
        {
            using var recordedJson = JsonDocument.Parse(Text(Expected, "body"));
            using var json = JsonDocument.Parse(body);
            return status == differs.Status
                ? differs.Judge(recordedJson.RootElement, json.RootElement)
                : $"status {status}: {Shown(body)}";
        }
        if (status != Expected.GetProperty("status").GetInt32())
        {
            return $"status {status}: {Shown(body)}";
        }
        return CompareHeaders(response) ?? CompareBodies(body);
    }

    /// <summary>Where 3.14 was recorded, that; else the answer of 2.42.</summary>
    private JsonElement Expected =>
        recorded.TryGetProperty("v3_response", out var later) ? later : recorded.GetProperty("response");

    private HttpRequestMessage Request(Uri server)
    {
        var request = recorded.GetProperty("request");
        // As it was recorded, also where it is no proper URL.
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(server.GetLeftPart(UriPartial.Authority) + Text(request, "path"), raw);
        var message = new HttpRequestMessage(new HttpMethod(Text(request, "method")), address);
        if (request.TryGetProperty("body", out var body))
        {
            message.Content = new StringContent(body.GetString()!);
        }
        else if (request.TryGetProperty("body_base64", out var bytes))
        {
            message.Content = new ByteArrayContent(bytes.GetBytesFromBase64());
        }
        foreach (var header in request.GetProperty("headers").EnumerateObject())
        {
            if (header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                message.Content?.Headers.Remove(header.Name);
                message.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }
            else
            {
                message.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }
        }
        return message;
    }

    private string? CompareHeaders(HttpResponseMessage response)
    {
        var expected = Expected.GetProperty("headers");
        // An answer without a body may have been recorded without a type.
        if (expected.TryGetProperty("Content-Type", out var type))
        {
            var mediaType = MediaTypeHeaderValue.Parse(type.GetString()!).MediaType;
            if (!string.Equals(response.Content.Headers.ContentType?.MediaType, mediaType, StringComparison.Ordinal))
            {
                return $"content type {response.Content.Headers.ContentType}";
            }
        }
        if (!recorded.TryGetProperty("check_headers", out var names))
        {
            return null;
        }
        foreach (var name in names.EnumerateArray().Select(name => name.GetString()!))
        {
            var wanted = expected.TryGetProperty(name, out var value) ? value.GetString() : null;
            var found = response.Content.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
            if (!string.Equals(wanted, found, StringComparison.Ordinal))
            {
                return $"header {name} is {found ?? "missing"}, not {wanted ?? "missing"}";
            }
        }
        return null;
    }

    private string? CompareBodies(byte[] body)
    {
        if (Mode is "status")
        {
            return null;
        }
        if (Mode is "federate-proto")
        {
            var wanted = Expected.GetProperty("body_base64").GetBytesFromBase64();
            return MetricFamilyText.AreEqual(wanted, body) ? null : "other metric families";
        }
        var (expected, actual) = (Text(Expected, "body"), Encoding.UTF8.GetString(body));
        var isAdvisory = recorded.TryGetProperty("error_text", out _);
        if (IsSaid("ignore_timestamps"))
        {
            (expected, actual) = (WithoutTimestamps(expected), WithoutTimestamps(actual));
        }
        if (Mode is "federate-text" or "text")
        {
            return isAdvisory || string.Equals(expected, actual, StringComparison.Ordinal)
                ? null
                : $"expected\n{expected}\ngot\n{actual}";
        }
        if (expected.Length == 0 || actual.Length == 0)
        {
            return expected.Length == actual.Length ? null : $"got {Shown(body)}";
        }
        using var expectedJson = JsonDocument.Parse(expected);
        using var actualJson = JsonDocument.Parse(actual);
        return Comparison(isAdvisory).Find(expectedJson.RootElement, actualJson.RootElement);
    }

    private JsonComparison Comparison(bool isAdvisory) =>
        new()
        {
            IsShape = Mode is "json-shape",
            AllowsMore = recorded.TryGetProperty("v3", out var v3) && v3.GetString() is "added-fields",
            IsOrdered = IsSaid("ordered"),
            IsUnordered = IsSaid("unordered"),
            Maps = Maps.TryGetValue(Id, out var map) ? [map] : [],
            Ignored =
            [
                .. recorded.TryGetProperty("ignore", out var ignored)
                    ? ignored.EnumerateArray().Select(place => place.GetString()!)
                    : [],
                .. isAdvisory ? (string[])["/error"] : [],
            ],
            // What it says is everyone's own.
            Presence = ["/data/activeTargets/*/lastError", "/data/groups/*/rules/*/lastError"],
        };

    /// <summary>A text of the text format whose samples all have one, without the last column.</summary>
    private static string WithoutTimestamps(string text) =>
        string.Join(
            '\n',
            text.Split('\n').Select(line => line.Length == 0 || line[0] == '#' ? line : line[..line.LastIndexOf(' ')])
        );

    private bool IsSaid(string name) => recorded.TryGetProperty(name, out var said) && said.GetBoolean();

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken token)
    {
        var body = await response.Content.ReadAsStreamAsync(token);
        await using var plain =
            response.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(body, CompressionMode.Decompress)
            : response.Content.Headers.ContentEncoding.Contains("deflate")
                ? new ZLibStream(body, CompressionMode.Decompress)
            : body;
        using var bytes = new MemoryStream();
        await plain.CopyToAsync(bytes, token);
        return bytes.ToArray();
    }

    private static string Shown(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length <= 300 ? text : text[..300] + "…";
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
