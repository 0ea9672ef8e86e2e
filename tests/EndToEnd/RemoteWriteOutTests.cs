using Tributary.Model;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Databases that take our samples by remote write, stopped and started meanwhile, and we are killed: they end with exactly
/// our samples.
/// </summary>
public sealed class RemoteWriteOutTests(TributaryExecutable executable)
{
    private static readonly TimeSpan SomeScrapes = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prometheus_EndsWithExactlyOurSamples()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = WriteReceiver.Prometheus(folder);
        await RunAsync(receiver, receiver.QueriedAsync);
    }

    [Fact]
    public async Task VictoriaMetrics_EndsWithExactlyOurSamples()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = WriteReceiver.VictoriaMetrics(folder);
        await RunAsync(receiver, receiver.ExportedAsync);
    }

    private async Task RunAsync(
        WriteReceiver receiver,
        Func<string, Task<Dictionary<(LabelSet Series, long TimestampMs), double>>> readAsync
    )
    {
        using var folder = new TemporaryFolder();
        await using var source = await NumberedSource.StartAsync();
        var config = $"""
            scrape_configs:
            {source.Jobs("500ms")}
            remote_write:
              - url: {receiver.WriteUrl}
                queue_config: {"{batch_send_deadline: 500ms}"}
            """;
        await receiver.StartAsync();
        var server = await TributaryServer.StartAsync(await executable.PathAsync(), folder, config);
        try
        {
            await Patience.UntilAsync(
                "the first samples to arrive",
                async () =>
                    (await readAsync(NumberedSource.Plain)).Count > 0
                    && (await readAsync(NumberedSource.Stamped)).Count > 0,
                () => server.Log
            );
            await receiver.StopAsync();
            await Task.Delay(SomeScrapes, Token);
            await receiver.StartAsync();
            await Task.Delay(SomeScrapes, Token);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await TributaryServer.StartAsync(await executable.PathAsync(), folder, config);
            await Task.Delay(SomeScrapes, Token);
            var endMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            foreach (var metric in (string[])[NumberedSource.Plain, NumberedSource.Stamped])
            {
                await Patience.UntilAsync(
                    $"the receiver to have what is newer than {endMs}",
                    async () => (await readAsync(metric)).Keys.Any(sample => sample.TimestampMs > endMs),
                    () => server.Log
                );
            }
            await server.StopAsync();
            await CompareAsync(folder.Path, readAsync, endMs);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>From the first sample that arrived on: a new destination begins with what comes next.</summary>
    private static async Task CompareAsync(
        string folder,
        Func<string, Task<Dictionary<(LabelSet Series, long TimestampMs), double>>> readAsync,
        long endMs
    )
    {
        var log = await StoredLog.ReadAsync($"local:{Path.Combine(folder, "data")}");
        foreach (var metric in (string[])[NumberedSource.Plain, NumberedSource.Stamped])
        {
            var there = (await readAsync(metric))
                .Where(sample => sample.Key.TimestampMs <= endMs)
                .ToDictionary(sample => sample.Key, sample => sample.Value);
            var firstMs = there.Keys.Min(sample => sample.TimestampMs);
            var here = log.Of(metric)
                .Where(sample => sample.Key.TimestampMs >= firstMs && sample.Key.TimestampMs <= endMs)
                .Where(sample => !StaleMarker.IsStale(sample.Value))
                .ToDictionary(sample => sample.Key, sample => sample.Value);
            Assert.NotEmpty(here);
            Assert.Empty(here.Except(there));
            Assert.Empty(there.Except(here));
        }
    }
}
