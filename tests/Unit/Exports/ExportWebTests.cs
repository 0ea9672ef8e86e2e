using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Tests.Unit.HttpClients;
using static Tributary.Tests.Unit.Exports.ExportPlace;

namespace Tributary.Tests.Unit.Exports;

/// <summary>Outputs that go to a web server.</summary>
public sealed class ExportWebTests : IAsyncDisposable
{
    private readonly List<(string Request, byte[] Body, IHeaderDictionary Headers)> taken = [];
    private readonly Queue<int> answers = [];
    private TestServer? server;

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task Output_IsSentWhole_WithItsDigest_AndItsManifestStaysInTheStore(string method)
    {
        using var place = await FilledAsync();
        var config = Config(
            $"{await FieldsAsync()}\nmethod: {method}\ncompression: gzip\nbasic_auth: {{ username: u, password: p }}"
        );
        using var clients = new HttpClientPool(TimeProvider.System);
        place.Client = clients.For(config.Http);
        var result = await place.Job(config).RunAsync(config, HourMs, false, null, Token);
        var (request, body, headers) = Assert.Single(taken);
        Assert.Equal($"{method} /in/e/2023-11-14?sig=SECRET", request);
        Assert.Equal("timestamp,value\n2023-11-14T23:00:00.000Z,240\n", Unzip(body));
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:", headers["Content-Digest"]);
        Assert.Equal("\"e/2023-11-14T23:00:00Z\"", headers["Idempotency-Key"]);
        Assert.Equal("application/gzip", headers.ContentType);
        Assert.Equal($"Basic {Convert.ToBase64String("u:p"u8)}", headers.Authorization);
        var manifest = await place.TextAsync("exports/manifests/e/2023-11-14T230000Z.manifest.json");
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(body)), manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", manifest + result.Row!.Output, StringComparison.Ordinal);
        // Again: nothing is sent.
        Assert.Equal(
            ExportOutcome.Unchanged,
            (await place.Job(config).RunAsync(config, HourMs, false, null, Token)).Outcome
        );
        Assert.Single(taken);
    }

    [Fact]
    public async Task Server_ThatIsBusy_IsAskedAgain()
    {
        using var place = await FilledAsync();
        var config = Config(await FieldsAsync());
        answers.Enqueue(503);
        var running = place.Job(config).RunAsync(config, HourMs, false, null, Token);
        while (!running.IsCompleted)
        {
            place.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, Token);
        }
        Assert.Equal(ExportOutcome.Complete, (await running).Outcome);
        Assert.Equal(2, taken.Count);
        Assert.Equal(taken[0].Body, taken[1].Body);
    }

    [Fact]
    public async Task Server_ThatRefuses_IsNamed_WithoutSecrets()
    {
        using var place = await FilledAsync();
        var config = Config(await FieldsAsync());
        answers.Enqueue(403);
        var result = await place.Job(config).RunAsync(config, HourMs, false, null, Token);
        Assert.Equal(ExportOutcome.Failed, result.Outcome);
        Assert.Contains(
            "/in/e/2023-11-14 did not take the output: it answered 403",
            result.Row!.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("SECRET", result.Row.Error, StringComparison.Ordinal);
        Assert.Empty(await place.NamesAsync("exports/"));
    }

    [Fact]
    public async Task Blocks_GoAsATar_OfTheSameBytesEveryTime()
    {
        using var place = await FilledAsync();
        var config = Config(await FieldsAsync() + "\nformat: prometheus-blocks");
        await place.Job(config).RunAsync(config, HourMs, false, null, Token);
        var result = await place.Job(config).RunAsync(config, HourMs, true, null, Token);
        Assert.Equal(taken[0].Body, taken[1].Body);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(taken[0].Body)), result.Manifest!.Sha256);
        Assert.Equal("application/x-tar", taken[0].Headers.ContentType);
        await using var tar = new TarReader(new MemoryStream(taken[0].Body));
        var names = new List<string>();
        while (await tar.GetNextEntryAsync(cancellationToken: Token) is { } entry)
        {
            names.Add(entry.Name[27..]);
        }
        Assert.Equal(["chunks/000001", "index", "meta.json"], names);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<ExportPlace> FilledAsync()
    {
        var place = new ExportPlace();
        await place.FillAsync(HourMs, HourMs);
        return place;
    }

    private async Task<string> FieldsAsync()
    {
        server = await TestServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, Token);
            var request = context.Request;
            taken.Add(
                (
                    $"{request.Method} {request.Path}{request.QueryString}",
                    body.ToArray(),
                    new HeaderDictionary(request.Headers.ToDictionary())
                )
            );
            context.Response.StatusCode = answers.TryDequeue(out var status) ? status : 201;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("SECRET"), Token);
        });
        return $"interval: 1h\nquery: sum(m)\ndestination: 'http://127.0.0.1:{server.Port}/in/{{name}}/{{date}}?sig=SECRET'";
    }
}
