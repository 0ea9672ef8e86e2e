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

    /// <summary>Two of us: both sides speak 2.0.</summary>
    [Fact]
    public async Task Tributary_TakesVersion2()
    {
        using var here = new TemporaryFolder();
        using var there = new TemporaryFolder();
        await using var source = await NumberedSource.StartAsync();
        await using var receiver = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            there,
            "tributary: {web: {enable_remote_write_receiver: true}}\n"
        );
        var config = $"""
            scrape_configs:
            {source.Jobs("500ms")}
            remote_write:
              - url: {new Uri(receiver.Address, "/api/v1/write")}
                protobuf_message: io.prometheus.write.v2.Request
                queue_config: {"{batch_send_deadline: 500ms}"}
            """;
        await using var sender = await TributaryServer.StartAsync(await executable.PathAsync(), here, config);
        var seen = new HashSet<double>();
        await Patience.UntilAsync(
            "samples of several scrapes to arrive",
            async () =>
            {
                seen.UnionWith((await receiver.FederateAsync(NumberedSource.Plain)).Select(sample => sample.Value));
                return seen.Count > 2;
            },
            () => $"{sender.Log}\n{receiver.Log}"
        );
        await sender.StopAsync();
        await receiver.StopAsync();
        Assert.DoesNotContain("1.0", sender.Log, StringComparison.Ordinal);
        var (sent, taken) = (await LogOfAsync(here), await LogOfAsync(there));
        foreach (var metric in (string[])[NumberedSource.Plain, NumberedSource.Stamped])
        {
            Assert.NotEmpty(taken.Of(metric));
            Assert.Empty(taken.Of(metric).Except(sent.Of(metric)));
        }
    }

    /// <summary>A managed identity by the endpoint that App Service and Functions give their apps.</summary>
    [Fact]
    public async Task ManagedIdentity_SignsRequests()
    {
        const string Secret = "the-identity-header";
        using var folder = new TemporaryFolder();
        await using var source = await NumberedSource.StartAsync();
        await using var azure = await DemandingServer.StartAsync();
        var counts = DemandTokens(azure, Secret);
        folder.Write(
            "tributary.yml",
            $"""
            scrape_configs:
            {source.Jobs("500ms")}
            remote_write:
              - url: http://{azure.Authority}/write
                azuread: {"{managed_identity: {}}"}
                queue_config: {"{batch_send_deadline: 500ms}"}
            """
        );
        await using var server = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder.Path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["IDENTITY_ENDPOINT"] = $"http://{azure.Authority}/msi/token",
                ["IDENTITY_HEADER"] = Secret,
            }
        );
        await Patience.UntilAsync(
            "several signed requests",
            () => Task.FromResult(Volatile.Read(ref counts.Taken) > 2),
            () => server.Log
        );
        Assert.Equal(1, Volatile.Read(ref counts.Tokens));
        Assert.DoesNotContain(Secret, server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("entra", server.Log, StringComparison.Ordinal);
    }

    /// <summary>Gives tokens to whoever brings the secret, and takes what comes with one.</summary>
    private static TokenCounts DemandTokens(DemandingServer azure, string secret)
    {
        var counts = new TokenCounts();
        azure.Answer(
            "msi/token",
            context =>
            {
                var isRight =
                    context.Request.Headers["X-IDENTITY-HEADER"] == secret
                    && context.Request.Query["resource"] == "https://monitor.azure.com/";
                Interlocked.Increment(ref counts.Tokens);
                var end = DateTimeOffset.UtcNow.AddHours(24).ToUnixTimeSeconds();
                return isRight
                    ? DemandingServer.TextAsync(
                        context,
                        200,
                        $$"""{"access_token":"entra","expires_on":"{{end}}","resource":"r","token_type":"Bearer"}""",
                        "application/json"
                    )
                    : DemandingServer.TextAsync(context, 400, "no");
            }
        );
        azure.Answer(
            "write",
            context =>
            {
                var isRight = context.Request.Headers.Authorization == "Bearer entra";
                Interlocked.Add(ref counts.Taken, isRight ? 1 : 0);
                return DemandingServer.TextAsync(context, isRight ? 200 : 401, "");
            }
        );
        return counts;
    }

    private sealed class TokenCounts
    {
        public int Tokens;
        public int Taken;
    }

    private static Task<StoredLog> LogOfAsync(TemporaryFolder folder) =>
        StoredLog.ReadAsync($"local:{Path.Combine(folder.Path, "data")}");

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
            await CompareAsync(await LogOfAsync(folder), readAsync, endMs);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>From the first sample that arrived on: a new destination begins with what comes next.</summary>
    private static async Task CompareAsync(
        StoredLog log,
        Func<string, Task<Dictionary<(LabelSet Series, long TimestampMs), double>>> readAsync,
        long endMs
    )
    {
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
