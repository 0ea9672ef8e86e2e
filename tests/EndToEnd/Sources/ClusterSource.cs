using System.Diagnostics;
using System.Globalization;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A cluster's Prometheus, as its <c>/federate</c> shows it: ever more requests, of which some fail.</summary>
internal sealed class ClusterSource : IAsyncDisposable
{
    private const int RequestsPerSecond = 100;
    private readonly FakeSource source;

    private ClusterSource(FakeSource source) => this.source = source;

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority => source.Authority;

    /// <summary>Starts it.</summary>
    /// <param name="errorRatio">How many of all requests fail, 0 to 1.</param>
    public static async Task<ClusterSource> StartAsync(double errorRatio)
    {
        var started = Stopwatch.GetTimestamp();
        return new ClusterSource(
            await FakeSource.StartAsync(_ =>
                Body(errorRatio, RequestsPerSecond * Stopwatch.GetElapsedTime(started).TotalSeconds)
            )
        );
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private static string Body(double errorRatio, double requests)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            # TYPE prometheus_http_requests_total untyped
            prometheus_http_requests_total{code="200",handler="/api/v1/query",instance="localhost:9090",job="prometheus"} {{requests
                * (1 - errorRatio)}} {{now}}
            prometheus_http_requests_total{code="400",handler="/api/v1/query",instance="localhost:9090",job="prometheus"} {{requests
                * errorRatio}} {{now}}

            """
        );
    }
}
