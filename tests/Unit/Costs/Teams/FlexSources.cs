using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Model;
using Tributary.Tests.Unit.Federation;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>The clusters' Prometheus servers behind one port: a few series that move with time.</summary>
internal sealed class FlexSources : IAsyncDisposable
{
    private readonly TestServer server;
    private readonly PulledServer? pulled;
    private readonly LabelSet[] series;

    private FlexSources(TestServer server, PulledServer? pulled, ManualTime time, int series)
    {
        (this.server, this.pulled, Time) = (server, pulled, time);
        this.series =
        [
            .. Enumerable
                .Range(0, series)
                .Select(i =>
                    LabelSet.Of(
                        "__name__",
                        "requests_total",
                        "cluster",
                        "c",
                        "pod",
                        string.Create(CultureInfo.InvariantCulture, $"p{i}")
                    )
                ),
        ];
    }

    public int Port => server.Port;

    public ManualTime Time { get; }

    /// <summary>The path of a cluster's federation.</summary>
    public string PathOf(int cluster) =>
        pulled is null ? string.Create(CultureInfo.InvariantCulture, $"/c{cluster}/federate") : "/prefix/federate";

    /// <param name="time">The clock.</param>
    /// <param name="series">Of each cluster. How many there are is nothing to the number of operations.</param>
    public static async Task<FlexSources> StartAsync(ManualTime time, int series) =>
        new(await TestServer.StartAsync(context => AnswerAsync(context, time, series)), null, time, series);

    /// <summary>Sources that can be pulled from; their clock begins when theirs does.</summary>
    public static async Task<FlexSources> StartPulledAsync(int series)
    {
        var pulled = new PulledServer();
        return new FlexSources(
            await TestServer.StartAsync(context => PassAsync(context, pulled)),
            pulled,
            pulled.Time,
            series
        );
    }

    /// <summary>Has the samples of the last minute.</summary>
    public void Minute()
    {
        foreach (var one in series)
        {
            pulled?.PutEvery15(one, pulled.NowMs - 60_000, pulled.NowMs);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        pulled?.Dispose();
    }

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

    private static async Task PassAsync(HttpContext context, PulledServer pulled)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method),
            $"http://source{context.Request.Path}{context.Request.QueryString}"
        );
        if (context.Request.ContentLength > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }
        using var invoker = new HttpMessageInvoker(pulled, disposeHandler: false);
        using var answer = await invoker.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
