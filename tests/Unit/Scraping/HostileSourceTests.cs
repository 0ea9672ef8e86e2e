using System.Net;
using System.Text;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.Scraping;

public sealed class HostileSourceTests
{
    private static readonly byte[] TwoLines = Encoding.UTF8.GetBytes("a 1\nb 2\n");

    [Theory]
    [InlineData("text/plain", "<html></html>", "line 1, byte 0: expected a metric name: \"<html></html>\"")]
    [InlineData("text/plain", "not found", "not a value")]
    [InlineData("text/plain", "OK", "no metrics")]
    [InlineData("text/plain", "a 1\na{b=\"c\",b=\"d\"} 1\n", "line 2, byte 4: the label \"b\" is there twice")]
    [InlineData(
        "text/plain",
        "a 1\nb{tributary_store=\"x\"} 1\n",
        "line 2, byte 4: the label \"tributary_store\" is reserved for Tributary's blocks: drop it at the source"
    )]
    [InlineData("text/plain", "a 1\nb oops\n", "line 2, byte 6: not a value: \"oops\"")]
    [InlineData("text/plain", "a 1\nb 1\nc 1\nd 1\n", "more than 3 samples")]
    [InlineData("text/plain", "# TYPE a gauge\n# TYPE b gauge\n# TYPE c gauge\n", "more than 2 metric families")]
    public async Task Scrape_UselessAnswer_FailsAndKeepsNothing(string type, string body, string error)
    {
        var source = new ScriptedSource(new ScrapeLimits { MaxSamples = 3, MaxFamilies = 2 });
        source.Answer = () => ScriptedSource.Text(body, type);
        for (var pass = 0; pass < 2; pass++)
        {
            var batch = await source.ScrapeAsync();
            Assert.Equal(Verdict.Failed, batch.Report.Verdict);
            Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
            Assert.Equal(0, batch.Scraped.Count);
            Assert.Equal(0, batch.Added.Values.Span[0]);
        }
        // The failure leaves nothing behind.
        var good = await source.ScrapeAsync("a 1\nc 2\n");
        Assert.Equal((Verdict.Complete, 2), (good.Report.Verdict, good.Scraped.Count));
    }

    [Fact]
    public async Task Scrape_AnErrorWithLongTextOfTheSource_IsCutAndOnOneLine()
    {
        var source = new ScriptedSource();
        source.Answer = () =>
            throw new HttpRequestException($"Received an invalid status line: '\u001b[2J\n{new string('x', 50_000)}'");
        var error = (await source.ScrapeAsync()).Report.Error;
        Assert.InRange(error.Length, 500, 1001);
        Assert.DoesNotContain(error, char.IsControl);
    }

    [Fact]
    public async Task Scrape_ATimeoutOfMonths_IsOne()
    {
        var source = new ScriptedSource();
        source.Target = source.Target with { Timeout = TimeSpan.FromDays(365) };
        Assert.Equal(Verdict.Complete, (await source.ScrapeAsync("a 1\n")).Report.Verdict);
    }

    [Fact]
    public async Task Scrape_LastLineThatNeverEnds_FailsFromTheSecondOn()
    {
        var source = new ScriptedSource();
        Assert.Equal(Verdict.Suspect, (await source.ScrapeAsync("a 1\nb 1\nc")).Report.Verdict);
        for (var pass = 0; pass < 3; pass++)
        {
            var batch = await source.ScrapeAsync("a 1\nb 1\nc");
            Assert.Equal((Verdict.Failed, 0), (batch.Report.Verdict, batch.Scraped.Count));
            Assert.Contains("as the one before it", batch.Report.Error, StringComparison.Ordinal);
        }
        Assert.Equal(Verdict.Complete, (await source.ScrapeAsync("a 1\nb 1\nc 1\n")).Report.Verdict);
    }

    [Fact]
    public async Task Scrape_FederateLastLineThatNeverEnds_IsLeftOut()
    {
        var source = new ScriptedSource();
        source.Target = ScriptedSource.Federate(source.Target);
        foreach (var verdict in new[] { Verdict.Suspect, Verdict.Complete })
        {
            var batch = await source.ScrapeAsync("a 1\nb 1\nc 1");
            Assert.Equal((verdict, 2), (batch.Report.Verdict, batch.Scraped.Count));
        }
    }

    [Theory]
    [InlineData("s{} -2\nb{job=\"2\"} 2", 1)]
    [InlineData("s{} -2\nb 2 #", 1)]
    [InlineData("s{} -2\nb 2\n", 2)]
    [InlineData("s{} -2\nb 2\n# TYPE a", 2)]
    public async Task Scrape_OpenMetricsWithoutItsEnd_CountsWholeLines(string body, int scraped)
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Text(body, "application/openmetrics-text") };
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Failed, scraped), (batch.Report.Verdict, batch.Report.Scraped));
    }

    [Theory]
    [InlineData(404, "404 Not Found: check metrics_path, it is /metrics")]
    [InlineData(401, "401 Unauthorized: it wants credentials")]
    [InlineData(400, "400 Bad Request: \"parse error: unexpected \\\"}\\\"\"")]
    [InlineData(503, "503 Service Unavailable (Retry-After: 120)")]
    [InlineData(302, "302 Found")]
    public async Task Scrape_OtherStatus_FailsWithIt(int status, string error)
    {
        var source = new ScriptedSource();
        source.Answer = () =>
        {
            var response = ScriptedSource.Text("parse error: unexpected \"}\"\n", "text/plain");
            response.StatusCode = (HttpStatusCode)status;
            response.Headers.TryAddWithoutValidation("Retry-After", "120");
            return response;
        };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "400 Bad Request: \"parse error\"")]
    [InlineData(true, "400 Bad Request: its reason is in a damaged gzip body")]
    public async Task Scrape_RefusalThatIsCompressed_SaysTheReason(bool isDamaged, string error)
    {
        var source = new ScriptedSource();
        source.Answer = () =>
        {
            var body = ScriptedSource.Gzip("parse error\n"u8.ToArray());
            if (isDamaged)
            {
                body[0] = 0;
            }
            var response = ScriptedSource.Bytes(body, "text/plain");
            response.Content.Headers.ContentEncoding.Add("gzip");
            response.StatusCode = HttpStatusCode.BadRequest;
            return response;
        };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrape_OneByteAtATime_IsComplete()
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Streamed(ScriptedStream.Of(TwoLines, 1)) };
        Assert.Equal(["a=1@0", "b=2@0"], ScriptedSource.Samples((await source.ScrapeAsync()).Scraped));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scrape_HangingBody_IsPartialAfterTheTimeout(bool isCompressed)
    {
        var source = new ScriptedSource();
        var body = isCompressed ? ScriptedSource.Gzip(TwoLines)[..^9] : TwoLines;
        source.Answer = () =>
            ScriptedSource.Streamed(
                ScriptedStream.Of(body, end: () => source.Time.Advance(source.Target.Timeout)),
                isCompressed
            );
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Partial, batch.Report.Verdict);
        Assert.Contains("timeout of 10 s", batch.Report.Error, StringComparison.Ordinal);
        Assert.Equal(10, batch.Report.DurationSeconds);
        Assert.Equal(1, batch.Added.Values.Span[0]);
    }

    [Fact]
    public async Task Scrape_NoAnswer_FailsAfterTheTimeout()
    {
        var source = new ScriptedSource();
        source.Answer = () =>
        {
            source.Time.Advance(source.Target.Timeout);
            return ScriptedSource.Bytes(TwoLines);
        };
        var batch = await source.ScrapeAsync();
        Assert.Equal(
            (Verdict.Failed, "no answer within the scrape timeout of 10 s"),
            (batch.Report.Verdict, batch.Report.Error)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scrape_Cancelled_HasNoBatch(bool isInBody)
    {
        var source = new ScriptedSource();
        using var cancel = new CancellationTokenSource();
        source.Answer = () =>
        {
            if (!isInBody)
            {
                cancel.Cancel();
            }
            return ScriptedSource.Streamed(ScriptedStream.Of(TwoLines, end: cancel.Cancel));
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            source.Scraper.ScrapeAsync(source.Target, source.State, ScriptedSource.StartMs, cancel.Token)
        );
        var batch = await source.ScrapeAsync("a 1\n");
        Assert.Equal((Verdict.Complete, 1), (batch.Report.Verdict, batch.Scraped.Count));
    }

    [Fact]
    public async Task Scrape_Gzip_IsDecoded()
    {
        var source = new ScriptedSource
        {
            Answer = () => ScriptedSource.Streamed(new MemoryStream(ScriptedSource.Gzip(TwoLines)), true),
        };
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, 8L, 2), (batch.Report.Verdict, batch.Report.BodyBytes, batch.Scraped.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scrape_GzipCutAnywhere_IsPartialAlsoAgain(bool isFederate)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"a{i * 7919} {i}\n")));
        var compressed = ScriptedSource.Gzip(body);
        for (var cut = 0; cut < compressed.Length; cut += cut < 30 || cut > compressed.Length - 30 ? 1 : 37)
        {
            var source = new ScriptedSource { Answer = () => ScriptedSource.Bytes(body) };
            source.Target = isFederate ? ScriptedSource.Federate(source.Target) : source.Target;
            await source.ScrapeAsync();
            var part = compressed[..cut];
            source.Answer = () => ScriptedSource.Streamed(new MemoryStream(part), true);
            var batch = await source.ScrapeAsync();
            Assert.Equal((Verdict.Partial, 0), (batch.Report.Verdict, batch.Report.Markers));
            batch = await source.ScrapeAsync();
            Assert.Equal((Verdict.Partial, 0), (batch.Report.Verdict, batch.Report.Markers));
            Assert.Contains(cut == 0 ? "is empty" : "is cut off", batch.Report.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Scrape_GzipInSeveralMembers_IsComplete()
    {
        byte[] body = [.. ScriptedSource.Gzip("a 1\n"u8.ToArray()), .. ScriptedSource.Gzip("b 2\n"u8.ToArray())];
        var source = new ScriptedSource { Answer = () => ScriptedSource.Streamed(new MemoryStream(body), true) };
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, 2), (batch.Report.Verdict, batch.Scraped.Count));
    }

    [Fact]
    public async Task Scrape_DamagedGzip_Fails()
    {
        var body = ScriptedSource.Gzip(TwoLines);
        body[0] ^= 0xff;
        var source = new ScriptedSource { Answer = () => ScriptedSource.Streamed(new MemoryStream(body), true) };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains("gzip body is damaged", batch.Report.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bomb", "larger than the limit of 1048576 bytes")]
    [InlineData("body", "larger than the limit of 1048576 bytes")]
    [InlineData("line", "line 2, byte 4: a line longer than 4096 bytes")]
    [InlineData("quote", "line 2, byte 4: a line longer than 4096 bytes")]
    public async Task Scrape_EndlessAnswer_FailsAtTheLimit(string kind, string error)
    {
        var source = new ScriptedSource(new ScrapeLimits { MaxLineBytes = 4096, MaxBodyBytes = 1 << 20 });
        byte[] head = [.. "a 1\nb"u8, .. kind is "quote" ? "{c=\"\n\n"u8 : ""u8];
        source.Answer = () =>
            kind switch
            {
                "bomb" => ScriptedSource.Streamed(
                    new MemoryStream(ScriptedSource.Gzip(Encoding.UTF8.GetBytes(new string('\n', 20 << 20)))),
                    true
                ),
                "body" => ScriptedSource.Streamed(ScriptedStream.Endless(TwoLines)),
                _ => ScriptedSource.Streamed(
                    new ScriptedStream(
                        (buffer, _) =>
                        {
                            var count = Math.Min(head.Length, buffer.Length);
                            head.AsMemory(0, count).CopyTo(buffer);
                            head = [.. "bbbbbbbbb"u8];
                            return count;
                        }
                    )
                ),
            };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
        Assert.Equal(0, batch.Scraped.Count);
    }

    [Fact]
    public async Task Scrape_DuplicatesAndBounds_AreCountedNotStored()
    {
        var ms = ScriptedSource.StartMs;
        var hour = 3_600_000;
        var source = new ScriptedSource();
        for (var pass = 0; pass < 2; pass++)
        {
            var batch = await source.ScrapeAsync(
                $"a 1\na 2\na{{}} 3\na 4 {ms - 1000}\na 5 {ms - 1000}\nold 1 {ms - (6 * hour) - 1}\nnew 1 {ms + hour}\nb 6\nc NaN\n"
            );
            var stamp = pass * 15;
            Assert.Equal(
                [$"a=1@{stamp}", "a=4@-1", $"b=6@{stamp}", $"c=NaN@{stamp}"],
                ScriptedSource.Samples(batch.Scraped)
            );
            Assert.Equal((9, 3, 2), (batch.Report.Scraped, batch.Report.Duplicates, batch.Report.OutOfBounds));
            Assert.Equal(StaleMarker.NormalNaNBits, BitConverter.DoubleToUInt64Bits(batch.Scraped.Values.Span[3]));
        }
    }

    [Fact]
    public async Task Scrape_ReorderedBody_IsCompleteAndRight()
    {
        var source = new ScriptedSource();
        var random = new Random(5);
        var names = Enumerable.Range(0, 50).Select(i => $"m{{i=\"{i}\"}}").ToArray();
        await source.ScrapeAsync(string.Concat(names.Select(name => $"{name} 0\n")));
        for (var pass = 1; pass < 30; pass++)
        {
            random.Shuffle(names);
            var batch = await source.ScrapeAsync(
                string.Concat(names.Select(name => $"{name} {name.Split('"')[1]}{pass:00}\n"))
            );
            Assert.Equal((Verdict.Complete, 50, 0), (batch.Report.Verdict, batch.Scraped.Count, batch.Report.Markers));
            for (var i = 0; i < 50; i++)
            {
                var expected = double.Parse($"{batch.Scraped.Series[i].Get("i")}{pass:00}");
                Assert.Equal(expected, batch.Scraped.Values.Span[i]);
            }
        }
    }

    [Fact]
    public async Task Scrape_AlternatingReplicasWithTimestampsSteppingBack_StoresEachUnderItsOwn()
    {
        var ms = ScriptedSource.StartMs;
        var source = new ScriptedSource();
        source.Target = ScriptedSource.Federate(source.Target);
        for (var pass = 0; pass < 6; pass++)
        {
            var replica = pass % 2 == 0 ? "a" : "b";
            var at = ms + (pass * 15_000) - (pass % 2 * 20_000);
            var batch = await source.ScrapeAsync($"x{{prometheus_replica=\"{replica}\"}} {pass} {at}\n");
            Assert.Equal(replica, batch.Scraped.Series[0].Get("prometheus_replica"));
            Assert.Equal(at, batch.Scraped.TimestampsMs.Span[0]);
            Assert.Equal(pass % 2 == 0 ? Verdict.Complete : Verdict.Suspect, batch.Report.Verdict);
        }
    }
}
