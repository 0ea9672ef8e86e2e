using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Everything that a source can do wrong, at once, against a process that may use as much memory as a small function
/// instance has: each ends in its verdict and a clear error, and a good source beside them loses no tick.
/// </summary>
public sealed class HostileSourceTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    /// <summary>What .NET takes for its heap in a container of 512 MiB: three quarters.</summary>
    private const string HeapLimit = "0x18000000";
    private const long MaxResidentKiB = 512 * 1024;
    private const string Up = "up";
    private const string Down = "down";

    private const string Protobuf =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    /// <summary>The machine has more to do with the others than a second leaves room for.</summary>
    private const string Patient = "scrape_interval: 3s\nscrape_timeout: 3s";

    private const long GoodMs = 3000;

    /// <summary>A call so near before a tick takes that one.</summary>
    private const long EarlyMs = 500;

    private const string Slow = "scrape_interval: 15s\nscrape_timeout: 15s";
    private static readonly string Long = new('x', 64 * 1024);

    private static readonly IReadOnlyList<Misdeed> Misdeeds =
    [
        new("good", Up, "^$", exchange => exchange.BodyAsync("good 1\n"), Patient),
        new("never-answers", Down, "no answer within the scrape timeout of 1 s", exchange => exchange.HangAsync()),
        new("hangs-up", Down, "closed the connection without an answer", exchange => Task.CompletedTask),
        new("no-http", Down, "the request to .* failed", exchange => exchange.RawAsync("220 smtp ready\r\n\r\n")),
        new("long-header", Down, "the request to .* failed", LongHeaderAsync),
        new("a-byte-a-second", Up, "did not end within the scrape timeout", ByteWiseAsync),
        new("cut", Up, "the transfer broke after \\d+ bytes", CutAsync),
        new("cut-chunk", Up, "the transfer broke after \\d+ bytes", CutChunkAsync),
        new("html", Down, "a web page \\(text/html\\)", exchange => exchange.BodyAsync("<html>", "text/html")),
        new("html-as-text", Down, "expected a metric name: \"<html>", exchange => exchange.BodyAsync("<html>\n")),
        new("protobuf", Down, "metrics before a name", exchange => exchange.BodyAsync("\u0002\u0022\u0000", Protobuf)),
        new("cut-protobuf", Down, "cut off", exchange => exchange.BodyAsync("\u0004\n\u0002u", Protobuf)),
        new("not-utf8", Down, "not valid UTF-8", exchange => exchange.BodyAsync("a{b=\"\u00ff\"} 1\n")),
        new("no-gzip", Down, "gzip body is damaged", NoGzipAsync),
        new("gzip-bomb", Down, "body_size_limit exceeded", BombAsync, "body_size_limit: 10MB"),
        new("gzip-bomb-line", Down, "longer than", exchange => exchange.EndlessAsync(_ => Long, isCompressed: true)),
        new("endless-line", Down, "longer than", exchange => exchange.EndlessAsync(_ => Long)),
        new("endless-body", Down, "no memory for more series|did not end within", EndlessAsync, Slow),
        new("million-series", Down, "no memory for more series", MillionAsync, Slow),
        new("many-labels", Down, "labels in one series", ManyLabelsAsync),
        new("redirects", Down, "redirected once more after 10 redirects", RedirectAsync),
        new("too-many-requests", Down, "429 .*Retry-After: 7", exchange => RetryAsync(exchange, "429 Too Many")),
        new("unavailable", Down, "503 .*Retry-After: 7", exchange => RetryAsync(exchange, "503 Service Unavailable")),
        new("error-page", Down, "answered 500", exchange => exchange.BodyAsync(Long, status: "500 Oops")),
        new("duplicates", Up, "^$", exchange => exchange.BodyAsync("a 1\nb 1\na 2\n")),
        new("reorders", Up, "^$", ReorderAsync),
        new("steps-back", Up, "^$", StepBackAsync),
        new("replicas", Up, "^$|may be cut off", ReplicasAsync),
        new("half", Up, "^$|may be cut off", HalfAsync),
        new("reserved-label", Down, "reserved", exchange => exchange.BodyAsync("a{tributary_store=\"x\"} 1\n")),
    ];

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task EveryMisdeed_EndsInItsVerdict_AndDisturbsNobody(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_GCHeapHardLimit"] = HeapLimit,
        };
        await using var source = new HostileSource(Misdeeds.ToDictionary(deed => "/" + deed.Name, deed => deed.Answer));
        await using var server = await installation.StartAsync(Config(source.Authority));

        await AwaitVerdictsAsync(server);
        await Patience.UntilAsync("some more ticks", () => Task.FromResult(source.Requests("/good") > 8));
        await AwaitVerdictsAsync(server);
        Assert.InRange(server.Process.PeakResidentKiB, 1, MaxResidentKiB);
        await server.StopAsync();

        await installation.VerifyLogAsync();
        var log = await installation.ReadLogAsync();
        AssertTicksKept(
            [.. log.Batches.Where(b => b.Source.StartsWith("good/", StringComparison.Ordinal))],
            (server as HostedTributary)?.Host.Invocations
        );
        Assert.DoesNotContain(
            log.Samples.Keys,
            key => key.Series.Get("job") is "endless-body" && key.Series.MetricName is "e"
        );
    }

    private static async Task AwaitVerdictsAsync(TributaryInstance server)
    {
        var wrong = "";
        await Patience.UntilAsync(
            "every verdict",
            async () =>
            {
                var targets = (await server.TargetsAsync()).ToDictionary(
                    target => target.GetProperty("scrapePool").GetString()!,
                    target => (target.GetProperty("health").GetString()!, target.GetProperty("lastError").GetString()!)
                );
                wrong = string.Join(
                    '\n',
                    Misdeeds
                        .Where(deed => !deed.Matches(targets[deed.Name]))
                        .Select(d => $"{d.Name}: {targets[d.Name]}")
                );
                return wrong.Length == 0;
            },
            () => wrong
        );
    }

    /// <summary>
    /// Nearly all ticks of a source are as far apart as its interval: a machine that stands still for so long loses one. Of
    /// an app, a call lasts as long as its slowest scrape, and until then there is no other: ticks go by when no call began
    /// and ended in their time.
    /// </summary>
    private static void AssertTicksKept(List<StoredBatch> batches, IReadOnlyList<Invocation>? calls)
    {
        Assert.True(batches.Count > 6, $"{batches.Count} batches");
        Assert.All(batches, batch => Assert.Equal(Verdict.Complete, batch.Report!.Verdict));
        var late = batches.Zip(batches.Skip(1)).Count(pair => pair.Second.TickMs - pair.First.TickMs != GoodMs);
        Assert.True(calls is not null || late <= 1, $"{late} of {batches.Count} ticks are not behind one another");
        for (var tickMs = batches[0].TickMs; tickMs < batches[^1].TickMs; tickMs += GoodMs)
        {
            var able = calls?.FirstOrDefault(call =>
                call.Outcome == Outcome.Succeeded && call.BeganMs >= tickMs && call.EndedMs < tickMs + GoodMs - EarlyMs
            );
            Assert.True(able is null || batches.Exists(batch => batch.TickMs == tickMs), $"{able} missed {tickMs}");
        }
    }

    private static async Task LongHeaderAsync(HostileSource.Exchange exchange)
    {
        await exchange.RawAsync("HTTP/1.1 200 OK\r\nX-Long: ");
        for (var i = 0; i < 64; i++)
        {
            await exchange.RawAsync(Long);
        }
    }

    private static Task ByteWiseAsync(HostileSource.Exchange exchange) =>
        exchange.EndlessAsync(i => "a 1\n"[i % 4].ToString(), TimeSpan.FromMilliseconds(200));

    private static async Task CutAsync(HostileSource.Exchange exchange)
    {
        await exchange.HeadAsync(length: 1000);
        await exchange.RawAsync("a 1\nb 2\nc"[..(4 + (exchange.Number % 6))]);
    }

    private static async Task CutChunkAsync(HostileSource.Exchange exchange)
    {
        await exchange.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        await exchange.RawAsync("8\r\na 1\nb 2\n\r\n10\r\nc");
    }

    private static Task NoGzipAsync(HostileSource.Exchange exchange) =>
        exchange.BodyAsync("a 1\nb 2\n", headers: "Content-Encoding: gzip\r\n");

    private static Task BombAsync(HostileSource.Exchange exchange) =>
        exchange.EndlessAsync(_ => "bomb{a=\"b\"} 1\n", isCompressed: true);

    private static Task EndlessAsync(HostileSource.Exchange exchange) =>
        exchange.EndlessAsync(i => Piece("e", i * 1000, 1000));

    private static async Task MillionAsync(HostileSource.Exchange exchange)
    {
        await exchange.HeadAsync();
        for (var i = 0; i < 1000; i++)
        {
            await exchange.RawAsync(Piece("million", i * 1000, 1000));
        }
    }

    private static Task ManyLabelsAsync(HostileSource.Exchange exchange)
    {
        var labels = Enumerable.Range(0, 2000).Select(n => string.Create(CultureInfo.InvariantCulture, $"l{n}=\"v\""));
        return exchange.BodyAsync($"a{{{string.Join(',', labels)}}} 1\n");
    }

    private static Task RedirectAsync(HostileSource.Exchange exchange) =>
        exchange.BodyAsync("", headers: "Location: /redirects\r\n", status: "302 Found");

    private static Task RetryAsync(HostileSource.Exchange exchange, string status) =>
        exchange.BodyAsync("", headers: "Retry-After: 7\r\n", status: status);

    private static Task ReorderAsync(HostileSource.Exchange exchange) =>
        exchange.BodyAsync(exchange.Number % 2 == 0 ? "a 1\nb 2\nc 3\n" : "c 3\na 1\nb 2\n");

    private static Task StepBackAsync(HostileSource.Exchange exchange)
    {
        var stampMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (exchange.Number * 10_000);
        return exchange.BodyAsync(string.Create(CultureInfo.InvariantCulture, $"a 1 {stampMs}\nb 2\n"));
    }

    private static Task ReplicasAsync(HostileSource.Exchange exchange) =>
        exchange.BodyAsync(
            exchange.Number % 2 == 0
                ? "a{replica=\"0\"} 9\nb{replica=\"0\"} 1\n"
                : "a{replica=\"1\"} 3\nb{replica=\"1\"} 1\n"
        );

    private static Task HalfAsync(HostileSource.Exchange exchange) =>
        exchange.BodyAsync(Piece("half", 0, exchange.Number % 4 == 3 ? 20 : 50));

    private static string Piece(string metric, int first, int count)
    {
        var text = new StringBuilder();
        for (var n = first; n < first + count; n++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{metric}{{pod=\"pod-{n % 1000}-abcdef\",namespace=\"ns-{n % 50}\",id=\"{n}\"}} {n % 97}\n"
            );
        }
        return text.ToString();
    }

    private static string Config(string target)
    {
        var config = new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n");
        foreach (var deed in Misdeeds)
        {
            config.Append(CultureInfo.InvariantCulture, $"- job_name: {deed.Name}\n  metrics_path: /{deed.Name}\n");
            config.Append(CultureInfo.InvariantCulture, $"  static_configs: [{{targets: [\"{target}\"]}}]\n");
            foreach (var line in deed.Job.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                config.Append("  ").Append(line).Append('\n');
            }
        }
        return config.ToString();
    }

    /// <summary>One behaviour and what has to come of it.</summary>
    /// <param name="Name">The job and the path.</param>
    /// <param name="Health">What the target's health is.</param>
    /// <param name="Error">What the last error matches.</param>
    /// <param name="Answer">The behaviour.</param>
    /// <param name="Job">Further lines of the job.</param>
    private sealed record Misdeed(
        string Name,
        string Health,
        string Error,
        Func<HostileSource.Exchange, Task> Answer,
        string Job = ""
    )
    {
        public bool Matches((string Health, string Error) target) =>
            target.Health == Health && Regex.IsMatch(target.Error, Error, RegexOptions.NonBacktracking);
    }
}
