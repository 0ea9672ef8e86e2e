using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>The clusters' Prometheus servers: one port, a path for each, a few series that move with time.</summary>
internal sealed class FlexSources : IAsyncDisposable
{
    private readonly TestServer server;

    private FlexSources(TestServer server) => this.server = server;

    public int Port => server.Port;

    /// <param name="time">The clock.</param>
    /// <param name="series">Of each cluster. How many there are is nothing to the number of operations.</param>
    public static async Task<FlexSources> StartAsync(ManualTime time, int series) =>
        new(await TestServer.StartAsync(context => AnswerAsync(context, time, series)));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, ManualTime time, int series)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var cluster = context.Request.Path.Value!.Split('/')[1];
        var text = new StringBuilder("# TYPE requests_total counter\n");
        for (var i = 0; i < series; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"requests_total{{cluster=\"{cluster}\",pod=\"p{i}\"}} {(nowMs / 1000 % 1_000_000) + i} {nowMs}\n"
            );
        }
        return TestServer.AnswerAsync(context, 200, text.ToString());
    }
}
