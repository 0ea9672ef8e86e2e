using System.Net;
using System.Net.Http.Headers;
using Tributary.Functions.Hosting;
using Tributary.Jobs;

namespace Tributary.Tests.Unit.Functions;

/// <summary><c>/api/v1/admin</c> of the real server; what is done is written down.</summary>
public sealed class AdminEndpointTests
{
    private const string Delete = "/api/v1/admin/tsdb/delete_series";
    private const string Clean = "/api/v1/admin/tsdb/clean_tombstones";
    private const string Snapshot = "/api/v1/admin/tsdb/snapshot";

    private readonly List<string> done = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ServerState State =>
        WebPlace.State with
        {
            Admin = new AdminActions
            {
                IsEnabled = () => true,
                DeleteSeries = (range, selectors, _) =>
                    Note($"delete {string.Join(" and ", selectors)} {range.MinMs} {range.MaxMs}"),
                CleanTombstones = _ => Note("clean"),
                Snapshot = async (skipHead, _) =>
                {
                    await Note($"snapshot {skipHead}");
                    return new Snapshot("a-1", skipHead ? ["careful"] : []);
                },
            },
        };

    [Theory]
    [InlineData(
        "POST",
        Delete + "?match[]=up&match[]=m{a=\"b\"}&start=1&end=1970-01-01T00:00:02Z",
        204,
        "",
        "delete {__name__=\"up\"} and {__name__=\"m\", a=\"b\"} 1000 2000"
    )]
    [InlineData("PUT", Delete + "?match[]=up&end=1", 204, "", "delete {__name__=\"up\"} -4611686018427387904 1000")]
    [InlineData("POST", Clean, 204, "", "clean")]
    [InlineData("PUT", Snapshot, 200, """{"status":"success","data":{"name":"a-1"}}""", "snapshot False")]
    [InlineData(
        "POST",
        Snapshot + "?skip_head=true",
        200,
        """{"status":"success","data":{"name":"a-1"},"warnings":["careful"]}""",
        "snapshot True"
    )]
    public async Task Admin_Requests_AreDone(string method, string path, int status, string body, string what)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync(method, path);
        Assert.Equal((status, body), ((int)response.StatusCode, text));
        Assert.Equal([what], done);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Admin_Parameters_MayBeAForm(string method)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var request = new HttpRequestMessage(new HttpMethod(method), Delete);
        request.Content = new StringContent("match[]=up&start=1&end=2");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        using var response = await place.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["delete {__name__=\"up\"} 1000 2000"], done);
    }

    [Theory]
    [InlineData(Delete, "no match[] parameter provided")]
    [InlineData(Delete + "?match[]={", "invalid parameter \"match[]\"")]
    [InlineData(Delete + "?match[]={}", "match[] must contain at least one non-empty matcher")]
    [InlineData(Delete + "?match[]=up&start=x", "invalid parameter \"start\"")]
    [InlineData(
        Delete + "?match[]=up&start=2&end=1",
        "invalid parameter \"end\": end timestamp must not be before start time"
    )]
    [InlineData(Snapshot + "?skip_head=perhaps", "invalid parameter \"skip_head\"")]
    public async Task Admin_BadInput_Is400AndNothingIsDone(string path, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("POST", path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"errorType\":\"bad_data\"", text, StringComparison.Ordinal);
        Assert.Contains(error.Replace("\"", "\\u0022", StringComparison.Ordinal), text, StringComparison.Ordinal);
        Assert.Empty(done);
    }

    [Theory]
    [InlineData(Delete + "?match[]=up")]
    [InlineData(Clean)]
    [InlineData(Snapshot)]
    public async Task Admin_IsOffAndGuarded(string path)
    {
        await using (
            var off = await WebPlace.StartAsync(State with { Admin = State.Admin with { IsEnabled = () => false } })
        )
        {
            var (response, text) = await off.AskAsync("POST", path);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Equal("""{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}""", text);
        }
        await using (var read = await WebPlace.StartAsync(State))
        {
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await read.AskAsync("GET", path)).Response.StatusCode);
            var foreign = await read.AskAsync("POST", path, origin: "https://evil.example");
            Assert.Equal(HttpStatusCode.Forbidden, foreign.Response.StatusCode);
        }
        await using (var open = await WebPlace.StartAsync(State, "0.0.0.0:0"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await open.AskAsync("POST", path)).Response.StatusCode);
        }
        await using (var closed = await WebPlace.StartAsync(State with { Web = () => WebPlace.WithCredentials }))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await closed.AskAsync("POST", path)).Response.StatusCode);
            Assert.Empty(done);
            var known = await closed.AskAsync("POST", path, $"Bearer {WebPlace.Token}");
            Assert.True(known.Response.IsSuccessStatusCode);
        }
        Assert.Single(done);
    }

    private Task Note(string what)
    {
        done.Add(what);
        return Task.CompletedTask;
    }
}
