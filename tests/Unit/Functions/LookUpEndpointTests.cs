using System.Net;
using System.Text;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Functions;

/// <summary><c>/api/v1/series</c>, <c>/labels</c> and <c>/label/NAME/values</c>: parameters, errors and answers, on the real server.</summary>
public sealed class LookUpEndpointTests
{
    private static readonly ServerState State = WebPlace.State with
    {
        Series = (selectors, range, limit, _) =>
            Task.FromResult(
                new LookUp<LabelSet>([LabelSet.Of("q", Asked(selectors, range, limit)), LabelSet.Of("ü", "<\"")], [])
            ),
        LabelNames = (selectors, range, limit, _) =>
            Task.FromResult(new LookUp<string>([Asked(selectors, range, limit)], ["careful"])),
        LabelValues = (name, selectors, range, limit, _) =>
            Task.FromResult(new LookUp<string>([name, Asked(selectors, range, limit)], [])),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "/api/v1/series?match[]=up&match[]=m&start=1&end=2&limit=3",
        """{"status":"success","data":[{"q":"__name__=up __name__=m 1000-2000 3"},{"ü":"<\""}]}"""
    )]
    [InlineData(
        "/api/v1/labels?start=4&end=3",
        """{"status":"success","data":[" 3000-4000 0"],"warnings":["careful"]}"""
    )]
    [InlineData(
        "/api/v1/label/job/values?match[]=up&start=0&end=1970-01-01T00:00:01Z",
        """{"status":"success","data":["job","__name__=up 0-1000 0"]}"""
    )]
    [InlineData("/api/v1/label/U__a_2e_b/values?start=0&end=1", """{"status":"success","data":["a.b"," 0-1000 0"]}""")]
    [InlineData("/api/v1/label/a%2Fb/values?start=0&end=1", """{"status":"success","data":["a/b"," 0-1000 0"]}""")]
    [InlineData("/api/v1/label/a%252Fb/values?start=0&end=1", """{"status":"success","data":["a/b"," 0-1000 0"]}""")]
    [InlineData("/api/v1/label/%C3%BC/values?start=0&end=1", """{"status":"success","data":["ü"," 0-1000 0"]}""")]
    public async Task LookUp_IsAskedForWhatTheParametersSay(string path, string expected)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("GET", path);
        Assert.Equal(
            (HttpStatusCode.OK, "application/json"),
            (response.StatusCode, $"{response.Content.Headers.ContentType}")
        );
        Assert.Equal(expected, text);
    }

    [Theory]
    [InlineData("/api/v1/series", "no match[] parameter provided")]
    [InlineData(
        "/api/v1/series?match[]={}",
        "invalid parameter \"match[]\": match[] must contain at least one non-empty matcher"
    )]
    [InlineData("/api/v1/labels?match[]={}", "match[] must contain at least one non-empty matcher")]
    [InlineData("/api/v1/label/job/values?match[]=(", "1:1: parse error: unexpected \"(\"")]
    [InlineData("/api/v1/series?match[]=(", "invalid parameter \"match[]\": 1:1: parse error: unexpected \"(\"")]
    [InlineData("/api/v1/series?match[]=up&limit=-1", "invalid parameter \"limit\": limit must be non-negative")]
    [InlineData("/api/v1/labels?limit=x", "invalid parameter \"limit\": \"x\" is no whole number")]
    [InlineData(
        "/api/v1/labels?end=x",
        "invalid parameter \"end\": invalid time value for 'end': cannot parse \"x\" to a valid timestamp"
    )]
    [InlineData("/api/v1/label//values", "invalid label name: \"\"")]
    [InlineData("/api/v1/status/tsdb?limit=0", "limit must be a positive number")]
    [InlineData("/api/v1/status/tsdb?limit=10001", "limit must not exceed 10000")]
    public async Task LookUp_OfBadInput_SaysWhatIsWrong(string path, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("GET", path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var json = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal("bad_data", json.RootElement.GetProperty("errorType").GetString());
        Assert.Equal(error, json.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Form_ItsValuesComeBeforeThoseOfTheUrl()
    {
        await using var place = await WebPlace.StartAsync(State);
        using var form = new StringContent(
            "match[]=a&start=1&limit=7",
            Encoding.UTF8,
            "application/x-www-form-urlencoded"
        );
        using var response = await place.Client.PostAsync("/api/v1/series?match[]=b&start=5&end=6", form, Token);
        Assert.Contains(
            "\"__name__=a __name__=b 1000-6000 7\"",
            await response.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Form_ThatEndsInTheMiddle_IsBadData()
    {
        await using var place = await WebPlace.StartAsync(State);
        using var form = new ByteArrayContent(
            "--x\r\nContent-Disposition: form-data; name=\"match[]\"\r\n\r\nu"u8.ToArray()
        );
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        using var response = await place.Client.PostAsync("/api/v1/series", form, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith(
            "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"error parsing form values: ",
            await response.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("POST", "/api/v1/label/job/values", "GET, HEAD")]
    [InlineData("DELETE", "/api/v1/series", "GET, HEAD, POST")]
    public async Task LookUp_ByAnotherMethod_Is405(string method, string path, string allowed)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, _) = await place.AskAsync(method, path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task TooMuch_IsAnErrorOfTheQuery()
    {
        await using var place = await WebPlace.StartAsync(
            State with
            {
                Series = (_, _, _, _) => throw new SelectionLimitException("too much"),
            }
        );
        var (response, text) = await place.AskAsync("GET", "/api/v1/series?match[]=up");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("""{"status":"error","errorType":"execution","error":"too much"}""", text);
    }

    [Fact]
    public async Task ManySeries_AreSentInPieces()
    {
        var many = Enumerable.Range(0, 20_000).Select(n => LabelSet.Of("__name__", "m", "n", $"{n:D6}")).ToList();
        await using var place = await WebPlace.StartAsync(
            State with
            {
                Series = (_, _, _, _) => Task.FromResult(new LookUp<LabelSet>(many, [])),
            }
        );
        var (_, text) = await place.AskAsync("GET", "/api/v1/series?match[]=m");
        using var json = System.Text.Json.JsonDocument.Parse(text);
        var found = json
            .RootElement.GetProperty("data")
            .EnumerateArray()
            .Select(one => one.GetProperty("n").GetString());
        Assert.Equal(many.Select(one => one.Get("n")), found);
    }

    private static string Asked(IReadOnlyList<VectorSelector> selectors, TimeRange range, int limit) =>
        string.Join(' ', selectors.Select(selector => $"{selector.Matchers[0].Name}={selector.Matchers[0].Value}"))
        + $" {range.MinMs}-{range.MaxMs} {limit}";
}
