using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>One server over one source with known series, for all tests of <see cref="FederateContract"/>.</summary>
/// <param name="form">How the server runs.</param>
/// <param name="executable">The executable.</param>
/// <param name="azurite">Where it may store.</param>
public abstract class FederateFixture(Form form, TributaryExecutable executable, AzuriteFixture azurite)
    : IAsyncLifetime
{
    private Installation? installation;
    private FakeSource? source;
    private TributaryInstance? server;

    /// <summary>Whether the Functions host stands between, which passes on only the methods that a function names.</summary>
    public bool IsHosted => form == Form.FunctionsAzurite;

    /// <summary>The timestamp of all series.</summary>
    public long StampMs { get; } = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public HttpClient Http => server!.Http;

    public async ValueTask InitializeAsync()
    {
        installation = await Installation.CreateAsync(form, executable, azurite);
        source = await FakeSource.StartAsync(_ =>
            $"""
                # TYPE http_requests_total counter
                http_requests_total{"{"}code="200",instance="web:1",job="web"{"}"} 1027 {StampMs}
                http_requests_total{"{"}code="500",instance="web:1",job="web"{"}"} 3 {StampMs}
                job:errors:rate5m{"{"}region="de",instance="",job="rules"{"}"} 0.25 {StampMs}
                odd{"{"}instance="web:1",job="web",path="C:\\dir\n\"x\""{"}"} +Inf {StampMs}
                zone_nan{"{"}instance="web:1",job="web"{"}"} NaN {StampMs}
                many{"{"}i="0",instance="web:1",job="web"{"}"} 0 {StampMs}

                """
            + string.Concat(
                Enumerable
                    .Range(1, 200)
                    .Select(i => $"many{{i=\"{i}\",instance=\"web:1\",job=\"web\"}} {i} {StampMs}\n")
            )
        );
        var config = $$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
              external_labels: {region: eu, replica: "0"}
            scrape_configs:
              - job_name: federate
                honor_labels: true
                metrics_path: /federate
                static_configs: [{targets: ["{{source.Authority}}"]}]
            """;
        server = await installation.StartAsync(config);
        await Patience.UntilAsync(
            "the series to be there",
            async () => (await server.FederateAsync("http_requests_total", "many")).Count == 203,
            () => server.Log
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        if (source is not null)
        {
            await source.DisposeAsync();
        }
        installation?.Dispose();
        GC.SuppressFinalize(this);
    }
}
