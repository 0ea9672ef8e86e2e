using System.Net;
using Tributary.Configuration;
using Tributary.Configuration.Relabel;
using Tributary.Model;
using Tributary.Patterns;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.RemoteWrite.Sending;

/// <summary>What a destination gets of the log, and when.</summary>
public sealed class RemoteWriteJobTests
{
    private readonly SendPlace place = new();

    [Fact]
    public void NewDestination_BeginsAtNow() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            await writer.AppendAsync([SendPlace.Tick("a", 0)], SendPlace.Token);
            var job = await place.BeginAsync();
            Assert.Equal(0, place.Receiver.Requests);
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            Assert.Equal([1, 1, 1], place.Taken().Select(sample => (int)sample.Tick));
        });

    [Fact]
    public void Everything_IsSentOnceAndInOrder_ByProcessesThatFollowEachOther() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            for (var tick = 1; tick <= 12; tick++)
            {
                await writer.AppendAsync([SendPlace.Tick("a", tick), SendPlace.Tick("b", tick)], SendPlace.Token);
                if (tick % 3 == 0)
                {
                    await SendPlace.RunAsync(job);
                    job = tick % 6 == 0 ? place.NewJob() : job;
                }
            }
            AssertTaken(["a", "b"], Enumerable.Range(1, 12));
        });

    [Fact]
    public void DestinationThatIsDown_GetsEverythingLater() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            place.Receiver.Answer = _ => ModelReceiver.Status(HttpStatusCode.ServiceUnavailable, "maintenance");
            for (var tick = 1; tick <= 5; tick++)
            {
                await writer.AppendAsync([SendPlace.Tick("a", tick)], SendPlace.Token);
                await SendPlace.RunAsync(job);
            }
            Assert.Empty(place.Receiver.Taken);
            Assert.Contains("maintenance", job.Figures[0].Error, StringComparison.Ordinal);
            place.Receiver.Answer = _ => null;
            await SendPlace.RunAsync(place.NewJob());
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], Enumerable.Range(1, 5));
        });

    /// <summary>Half of a round is taken, then the destination goes down: what was taken is not sent again.</summary>
    [Fact]
    public void RoundThatIsHalfTaken_GoesOnWhereItStood() =>
        place.Run(async () =>
        {
            place.Config = place.Config with
            {
                Queue = new WriteQueueConfig
                {
                    MaxSamplesPerSend = 10,
                    MaxShards = 4,
                    MaxBackoff = TimeSpan.FromSeconds(5),
                },
            };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1, series: 95)], SendPlace.Token);
            place.Receiver.Answer = _ =>
                place.Receiver.Requests % 2 == 0 ? ModelReceiver.Status(HttpStatusCode.BadGateway) : null;
            await SendPlace.RunAsync(job);
            place.Receiver.Answer = _ => null;
            await SendPlace.RunAsync(job);
            Assert.Equal(95, place.Receiver.Taken.Count);
            Assert.Equal(95, place.Receiver.Taken.Distinct().Count());
            Assert.All(place.Receiver.Sizes, size => Assert.InRange(size, 1, 10));
        });

    /// <summary>A part is larger than a round: another process goes on in its middle.</summary>
    [Fact]
    public void PartLargerThanARound_IsGoneOnWithByAnotherProcess() =>
        place.Run(async () =>
        {
            place.Config = place.Config with
            {
                Queue = new WriteQueueConfig { MaxSamplesPerSend = 10, MaxShards = 1 },
            };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1, series: 35)], SendPlace.Token);
            place.Receiver.Answer = _ =>
                place.Receiver.Taken.Count == 20 ? ModelReceiver.Status(HttpStatusCode.BadGateway) : null;
            await SendPlace.RunAsync(job);
            Assert.Equal(20, place.Receiver.Taken.Count);
            Assert.Equal(20, (await place.CursorAsync()).Windows.Values.Single().Positions.Values.Single().Samples);
            place.Receiver.Answer = _ => null;
            await SendPlace.RunAsync(place.NewJob());
            Assert.Equal(35, place.Receiver.Taken.Count);
            Assert.Equal(35, place.Receiver.Taken.Distinct().Count());
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TwoBatchesOfOneIdentity_OneIsSent(bool isSecondLater) =>
        place.Run(async () =>
        {
            var (one, other) = (place.NewWriter(), place.NewWriter());
            var job = await place.BeginAsync();
            await one.AppendAsync([SendPlace.Tick("a", 1, verdict: Verdict.Partial)], SendPlace.Token);
            if (isSecondLater)
            {
                await SendPlace.RunAsync(job);
                job = place.NewJob();
            }
            await other.AppendAsync([SendPlace.Tick("a", 1, series: 5)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            // The better one when both are there; otherwise the one that was sent.
            Assert.Equal(isSecondLater ? 3 : 5, place.Receiver.Taken.Count);
        });

    [Fact]
    public void LateSamples_OfAnOlderWindow_AreSentOnce() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            const long FourHoursMs = 4 * 3600 * 1000;
            await writer.AppendAsync([SendPlace.Tick("b", 2, lateMs: FourHoursMs)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            await SendPlace.RunAsync(place.NewJob());
            Assert.Equal(3, place.Receiver.Taken.Count(sample => sample.TimestampMs < SendPlace.NoonMs));
            Assert.Equal(6, place.Receiver.Taken.Count);
        });

    /// <summary>A federated series that did not change is scraped again with the same timestamp.</summary>
    [Fact]
    public void RepeatedSample_IsSentOnce() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1), SendPlace.Tick("a", 2, lateMs: 15_000)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            await writer.AppendAsync([SendPlace.Tick("a", 3, lateMs: 30_000)], SendPlace.Token);
            await SendPlace.RunAsync(place.NewJob());
            Assert.Equal(3, place.Receiver.Taken.Count);
        });

    [Fact]
    public void RefusedRequest_IsCountedAndPassed() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            place.Receiver.Answer = _ =>
                ModelReceiver.Status(HttpStatusCode.BadRequest, "out of order\u001b[31m\nmore");
            await SendPlace.RunAsync(job);
            place.Receiver.Answer = _ => null;
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], [2]);
            Assert.Equal((3, 3, 0), (job.Figures[0].SamplesFailed, job.Figures[0].Samples, job.Figures[0].Retried));
            Assert.Equal(
                "remote write to there: 3 samples were refused, and are passed: it answered 400: out of order[31m",
                Assert.Single(place.Warnings)
            );
        });

    [Fact]
    public void RefusalWhoseTextNeverComes_IsPassedAsAnyOther() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            place.Receiver.Answer = _ => new HttpResponseMessage(HttpStatusCode.BadRequest)
            {
                Content = new StreamContent(new SilentStream()),
            };
            await SendPlace.RunAsync(job);
            place.Receiver.Answer = _ => null;
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], [2]);
            Assert.Equal((3, 0), (job.Figures[0].SamplesFailed, job.Figures[0].Retried));
        });

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 3)]
    public void TooManyRequests_IsTriedAgainWhereTheConfigurationSaysSo(bool retries, int taken) =>
        place.Run(async () =>
        {
            place.Config = place.Config with { Queue = new WriteQueueConfig { RetryOnTooMany = retries } };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            place.Receiver.Answer = _ =>
                place.Receiver.Requests == 1 ? ModelReceiver.Status(HttpStatusCode.TooManyRequests) : null;
            await SendPlace.RunAsync(job);
            Assert.Equal(taken, place.Receiver.Taken.Count);
            Assert.Equal(3 - taken, job.Figures[0].SamplesFailed);
        });

    /// <summary>What Metricbeat's metricset remote_write answers.</summary>
    [Theory]
    [InlineData(202, "", 3, 0)]
    [InlineData(400, "snappy: corrupt input", 0, 3)]
    [InlineData(413, "request body too large: exceeds 2097152 bytes limit", 0, 3)]
    [InlineData(500, "unexpected EOF", 0, 0)]
    [InlineData(503, "remote write intake stopped", 0, 0)]
    public void Metricbeat_IsUnderstood(int status, string text, int taken, int failed) =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            place.Receiver.Answer = _ => ModelReceiver.Status((HttpStatusCode)status, text + "\n");
            await SendPlace.RunAsync(job);
            Assert.Equal((taken, failed), (job.Figures[0].Samples, job.Figures[0].SamplesFailed));
            Assert.Contains(taken > 0 ? "" : text, string.Join('\n', place.Warnings), StringComparison.Ordinal);
            // What it did not take for the moment, it gets later.
            place.Receiver.Answer = _ => null;
            await SendPlace.RunAsync(job);
            Assert.Equal(3 - taken - failed, place.Receiver.Taken.Count);
        });

    /// <summary>The pause is longer than the run: neither this process nor another asks before it is over.</summary>
    [Fact]
    public void RetryAfter_HoldsForOtherProcessesToo() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            place.Receiver.Answer = _ =>
            {
                var answer = ModelReceiver.Status(HttpStatusCode.ServiceUnavailable);
                answer.Headers.Add("Retry-After", "300");
                return answer;
            };
            await SendPlace.RunAsync(job);
            place.Receiver.Answer = _ => null;
            await SendPlace.RunAsync(job);
            await SendPlace.RunAsync(place.NewJob());
            Assert.Equal(1, place.Receiver.Requests);
            await place.DelayAsync(TimeSpan.FromSeconds(300));
            await SendPlace.RunAsync(place.NewJob());
            AssertTaken(["a"], [1]);
        });

    [Fact]
    public void Series_GetExternalLabelsAndAreRelabelled() =>
        place.Run(async () =>
        {
            place.Config = place.Config with
            {
                RelabelConfigs =
                [
                    new RelabelConfig
                    {
                        SourceLabels = ["n"],
                        Regex = RePattern.Parse("1"),
                        Action = RelabelAction.Drop,
                    },
                    new RelabelConfig
                    {
                        SourceLabels = ["cluster"],
                        TargetLabel = "seen",
                        Regex = RePattern.Parse("(.*)"),
                    },
                ],
            };
            var writer = place.NewWriter();
            var job = await place.BeginAsync(LabelSet.Of("cluster", "dev", "source", "never"));
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            Assert.Equal(
                [
                    "m{cluster=\"dev\", n=\"0\", seen=\"dev\", source=\"a\"}",
                    "m{cluster=\"dev\", n=\"2\", seen=\"dev\", source=\"a\"}",
                ],
                place.Receiver.Taken.Select(sample => sample.Series.ToString()).Order(StringComparer.Ordinal)
            );
            Assert.Equal(1, job.Figures[0].DroppedByRules);
        });

    [Fact]
    public void SamplesOverTheAgeLimit_AreNotSent() =>
        place.Run(async () =>
        {
            place.Config = place.Config with
            {
                Queue = new WriteQueueConfig { SampleAgeLimit = TimeSpan.FromMinutes(10) },
            };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await place.DelayAsync(TimeSpan.FromMinutes(15));
            await writer.AppendAsync([SendPlace.Tick("a", 41)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], [41]);
            Assert.Equal(3, job.Figures[0].DroppedAsOld);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DestinationWithout2_0_IsAskedIn1_0(bool isSilent) =>
        place.Run(async () =>
        {
            place.Config = place.Config with { UsesVersion2 = true };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            place.Receiver.Answer = request =>
                request.Content!.Headers.ContentType!.ToString().Contains("v2", StringComparison.Ordinal)
                    ? ModelReceiver.Status(isSilent ? HttpStatusCode.OK : HttpStatusCode.UnsupportedMediaType)
                    : null;
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], [1, 2]);
            Assert.Equal(
                (3, "0.1.0"),
                (place.Receiver.Requests, place.Receiver.Headers["X-Prometheus-Remote-Write-Version"])
            );
        });

    [Fact]
    public void Version2_IsSpokenWhereTheDestinationTakesIt() =>
        place.Run(async () =>
        {
            place.Config = place.Config with { UsesVersion2 = true };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            AssertTaken(["a"], [1]);
            Assert.Equal("2.0.0", place.Receiver.Headers["X-Prometheus-Remote-Write-Version"]);
            Assert.Equal(
                "application/x-protobuf;proto=io.prometheus.write.v2.Request",
                place.Receiver.Headers["Content-Type"]
            );
        });

    [Fact]
    public void Metadata_IsSentOnceInItsInterval() =>
        place.Run(async () =>
        {
            place.Config = place.Config with { Metadata = new WriteMetadataConfig() };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            var batch = SendPlace.Tick("a", 1) with { Metadata = [new MetricMetadata("m", "gauge", "Help.", "")] };
            await writer.AppendAsync([batch], SendPlace.Token);
            await SendPlace.RunAsync(job);
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(place.NewJob());
            Assert.Equal([("m", 2UL)], place.Receiver.Metadata);
            await place.DelayAsync(TimeSpan.FromMinutes(1));
            await writer.AppendAsync([SendPlace.Tick("a", 6)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            Assert.Equal(2, place.Receiver.Metadata.Count);
        });

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void NativeHistograms_AreSentWhereTheConfigurationSaysSo(bool sends, int taken) =>
        place.Run(async () =>
        {
            place.Config = place.Config with { SendNativeHistograms = sends };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            var atMs = SendPlace.NoonMs;
            var histogram = Histogram.OfIntegers(HistogramLayout.Empty, 3, 3, 7.5, []);
            var columns = LogBatches.Columns(
                (LabelSet.Of("__name__", "h"), atMs, double.NaN),
                (LabelSet.Of("__name__", "f"), atMs, StaleMarker.Value)
            ) with
            {
                Histograms = new Histogram?[] { histogram, null },
            };
            await writer.AppendAsync([LogBatches.Of("a", atMs, columns, LogBatches.Columns())], SendPlace.Token);
            await SendPlace.RunAsync(job);
            Assert.Equal(taken, place.Receiver.Taken.Count);
            Assert.Equal(StaleMarker.Bits, place.Receiver.Taken.Single(sample => !sample.IsHistogram).Bits);
            Assert.Equal(sends ? 0 : 1, job.Figures[0].DroppedHistograms);
        });

    [Fact]
    public void TwoProcesses_OneSends() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var (one, other) = (await place.BeginAsync(), place.NewJob());
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await one.RunAsync(SendPlace.Key, TimeSpan.FromMinutes(1), keepsLease: true, SendPlace.Token);
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(other);
            AssertTaken(["a"], [1]);
            Assert.Equal((true, false), (one.Figures[0].IsSender, other.Figures[0].IsSender));
            await one.ReleaseAsync();
            await SendPlace.RunAsync(other);
            AssertTaken(["a"], [1, 2]);
        });

    [Fact]
    public void Request_SaysWhatPrometheusSays() =>
        place.Run(async () =>
        {
            place.Config = place.Config with
            {
                Headers = new Dictionary<string, string> { ["X-Scope-OrgID"] = "team" },
            };
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            var headers = place.Receiver.Headers;
            Assert.Equal(
                ("snappy", "application/x-protobuf", "0.1.0", "team"),
                (
                    headers["Content-Encoding"],
                    headers["Content-Type"],
                    headers["X-Prometheus-Remote-Write-Version"],
                    headers["X-Scope-OrgID"]
                )
            );
            Assert.StartsWith("Tributary/", headers["User-Agent"], StringComparison.Ordinal);
            Assert.False(headers.ContainsKey("Retry-Attempt"));
        });

    private void AssertTaken(IReadOnlyList<string> sources, IEnumerable<int> ticks)
    {
        foreach (var source in sources)
        {
            var bySeries = place
                .Receiver.Taken.Where(one => one.Series.Get("source") == source)
                .GroupBy(one => one.Series);
            foreach (var series in bySeries)
            {
                Assert.Equal(ticks, series.Select(one => (int)((one.TimestampMs - SendPlace.NoonMs) / 15_000)));
                Assert.Equal(ticks, series.Select(one => (int)one.Value));
            }
        }
        Assert.Equal(ticks.Count() * 3 * sources.Count, place.Receiver.Taken.Count);
    }
}
