using System.Net.Http.Headers;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Debian's Prometheus writes to a server that is killed, stopped and gone for a while: in the end exactly its samples are
/// here.
/// </summary>
internal sealed class ReceivingServer : IAsyncDisposable
{
    private const string Token = "token-of-the-writer";
    private const string Everything = "{__name__=~\".+\"}";
    private const int MinLives = 3;
    private const int Lives = 5;

    private static readonly TimeSpan Gone = TimeSpan.FromMilliseconds(700);

    private readonly Installation installation;
    private readonly TemporaryFolder folder = new();
    private readonly Relay relay = new();
    private readonly NumberedSource source;
    private readonly string config;
    private readonly long startMs = NowMs();
    private PrometheusServer? sender;

    private ReceivingServer(Installation installation, NumberedSource source)
    {
        (this.installation, this.source) = (installation, source);
        config = installation.Folder.Write(
            "tributary.yml",
            $$"""
            scrape_configs: []
            tributary:
              web:
                enable_remote_write_receiver: true
                bearer_tokens: [{{Token}}]
            """
        );
    }

    public static async Task RunAsync(Installation installation, int seed)
    {
        await using var source = await NumberedSource.StartAsync();
        await using var place = new ReceivingServer(installation, source);
        place.sender = await PrometheusServer.StartAsync(place.folder.Path, _ => place.SenderConfig());
        var random = new Random(seed);
        for (var life = 0; life < TestScale.Of(Lives, MinLives); life++)
        {
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, life {life}");
            await place.LiveAsync(random.Next(400), life % 3 == 2);
        }
        await place.CheckAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (sender is not null)
        {
            await sender.DisposeAsync();
        }
        await relay.DisposeAsync();
        folder.Dispose();
    }

    private string SenderConfig() =>
        $"""
            scrape_configs:
            {source.Jobs("250ms")}
            remote_write:
              - url: http://{relay.Authority}/api/v1/write
                authorization: {OpenBrace}credentials: {Token}{CloseBrace}
                queue_config:
                  max_samples_per_send: 30
                  batch_send_deadline: 100ms
                  min_backoff: 20ms
                  max_backoff: 100ms
            """;

    private const string OpenBrace = "{";
    private const string CloseBrace = "}";

    /// <summary>Receives for a while, and is killed in the middle of it, or stopped and gone.</summary>
    private async Task LiveAsync(int delayMs, bool isStopped)
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await StartAsync();
        await Patience.UntilAsync("received samples", async () => await ReceivedAsync(server) > 100, () => server.Log);
        await Task.Delay(delayMs, token);
        if (!isStopped)
        {
            await server.KillAsync();
            relay.Target = null;
            return;
        }
        await server.StopAsync();
        relay.Target = null;
        await Task.Delay(Gone, token);
    }

    private async Task CheckAsync()
    {
        await using var server = await StartAsync();
        // The samples of this moment are on their way.
        var untilMs = NowMs() - 1000;
        var sent = await sender!.SamplesOfAsync(Everything, startMs, untilMs);
        Assert.True(sent.Count > 1000, $"only {sent.Count} samples were there to be sent");
        IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string> stored = sent;
        await Patience.UntilAsync(
            "all samples",
            async () =>
            {
                stored = await RawSamples.OfAsync(server.Http, Everything, startMs, untilMs);
                return stored.Count >= sent.Count;
            },
            () => $"{sent.Count} were sent, {stored.Count} are stored\n{server.Log}"
        );
        Assert.Empty(sent.Except(stored));
        Assert.Empty(stored.Except(sent));
        await installation.VerifyLogAsync();
    }

    private async Task<TributaryInstance> StartAsync()
    {
        var server = await installation.StartOnAsync(config);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        relay.Target = server.Address;
        return server;
    }

    private static async Task<double> ReceivedAsync(TributaryInstance server) =>
        await server.MetricAsync("tributary_remote_write_received_samples_total");

    private static long NowMs() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
