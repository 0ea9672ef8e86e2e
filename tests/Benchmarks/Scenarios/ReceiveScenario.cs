using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// A server that scrapes nothing and receives remote write 1.0: a sample of each series a step, in requests of 2,000 as
/// Prometheus sends them, all requests of a step at once as its shards do, one step after the other.
/// </summary>
internal static class ReceiveScenario
{
    public const int Series = 20_000;
    public const int Steps = 40;
    public const int SamplesPerRequest = 2000;

    private const int WarmUps = 8;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(15);

    /// <summary>What a server still does with the last samples is counted.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    public static async Task<ReceiveFigures> RunAsync(BenchmarkRun run, ServerKind kind)
    {
        var folder = run.Scratch.Folder(kind.Name);
        var configuration = ScrapeConfiguration.Idle();
        using var server = await RunningServer.StartAsync(run.Scratch, kind, folder, configuration, run.Cancellation);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler);
        var past = new PastSamples(
            Series,
            Step * (WarmUps + Steps),
            Step,
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()
        );
        await SendAsync(past.FirstStep, WarmUps);
        await Task.Delay(Rest, run.Cancellation);
        var (cpu, counters) = (server.Figures().CpuSeconds, server.Counters());
        var offered = await SendAsync(past.FirstStep + WarmUps, Steps);
        await Task.Delay(Rest, run.Cancellation);
        var after = server.Counters();
        var figures = new ReceiveFigures(
            server.Figures().CpuSeconds - cpu,
            after.Samples - counters.Samples,
            offered,
            after.LogBytes - counters.LogBytes
        );
        server.Dispose();
        Scratch.Remove(folder);
        return figures;

        async Task<long> SendAsync(long first, int steps)
        {
            var sent = 0L;
            for (var step = first; step < first + steps; step++)
            {
                var (requests, samples) = RemoteWriteHistory.Requests(past, step, SamplesPerRequest);
                sent += samples;
                await Task.WhenAll(
                    requests.Select(body => RemoteWriteHistory.PostAsync(client, server.Port, body, run.Cancellation))
                );
            }
            return sent;
        }
    }
}
