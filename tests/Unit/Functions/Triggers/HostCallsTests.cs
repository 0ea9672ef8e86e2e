using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.Triggers;

namespace Tributary.Tests.Unit.Functions.Triggers;

public sealed class HostCallsTests
{
    private const string Own = "127.0.0.1:7123";
    private int collected;

    [Theory]
    [InlineData("POST", "/Collect", Own, null, true)]
    [InlineData("POST", "/Collect", Own, "x-azure-functions-invocationid", true)]
    [InlineData("POST", "/Collect", Own, "x-ms-invocation-id", false)]
    [InlineData("POST", "/Collect", Own, "X-MS-Invocation-Id", false)]
    [InlineData("POST", "/Collect", "acme.azurewebsites.net", null, false)]
    [InlineData("POST", "/Collect", "acme.azurewebsites.net", "x-azure-functions-invocationid", false)]
    [InlineData("POST", "/Collect", "127.0.0.1", null, false)]
    [InlineData("POST", "/Collect", "127.0.0.1:7124", null, false)]
    [InlineData("POST", "/Collect", "localhost:7123", null, false)]
    [InlineData("POST", "/Collect", "127.0.0.1:7123.example", null, false)]
    [InlineData("POST", "/Collect", "", null, false)]
    [InlineData("GET", "/Collect", Own, null, false)]
    [InlineData("PUT", "/Collect", Own, null, false)]
    [InlineData("POST", "/collect", Own, null, false)]
    [InlineData("POST", "/Collect/", Own, null, false)]
    [InlineData("POST", "//Collect", Own, null, false)]
    [InlineData("POST", "/Compact", Own, null, false)]
    [InlineData("POST", "/", Own, null, false)]
    public async Task TryTake_Call_IsTakenOfTheHostAlone(
        string method,
        string path,
        string host,
        string? header,
        bool isTaken
    )
    {
        var (taken, _) = await AskAsync(method, path, host, header);
        Assert.Equal((isTaken, isTaken ? 1 : 0), (taken, collected));
    }

    [Theory]
    [InlineData("GET", Own, null, true, "Tributary.\n")]
    [InlineData("HEAD", Own, null, true, "")]
    [InlineData("GET", Own, "x-ms-invocation-id", false, "")]
    [InlineData("GET", "acme.azurewebsites.net", null, false, "")]
    public async Task TryTake_Ping_IsAnsweredWithoutAnythingElse(
        string method,
        string host,
        string? header,
        bool isTaken,
        string text
    )
    {
        Assert.Equal((isTaken, text), await AskAsync(method, "/", host, header));
        Assert.Equal(0, collected);
    }

    private async Task<(bool IsTaken, string Text)> AskAsync(string method, string path, string host, string? header)
    {
        var calls = new HostCalls(
            7123,
            new Dictionary<string, Func<HttpContext, Task>>(StringComparer.Ordinal)
            {
                ["Collect"] = _ =>
                {
                    collected++;
                    return Task.CompletedTask;
                },
            }
        );
        var context = new DefaultHttpContext();
        using var response = new MemoryStream();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.Host = new HostString(host);
        context.Response.Body = response;
        if (header is not null)
        {
            context.Request.Headers[header] = "023b2b2b-8896-4488-9fc1-d468fbdf15cf";
        }
        var isTaken = await calls.TryTakeAsync(context);
        return (isTaken, Encoding.UTF8.GetString(response.ToArray()));
    }
}
