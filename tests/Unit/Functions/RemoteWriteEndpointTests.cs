using System.Net;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Functions.Hosting;
using Tributary.RemoteWrite;
using Tributary.Stores;
using Tributary.Tests.Unit.RemoteWrite;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Functions;

/// <summary><c>/api/v1/write</c> of the real server.</summary>
public sealed class RemoteWriteEndpointTests
{
    private const string Address = "/api/v1/write";
    private const string Protobuf = "application/x-protobuf";
    private const string ProtobufV2 = Protobuf + ";proto=io.prometheus.write.v2.Request";

    private readonly ReceivePlace store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ServerState State => WebPlace.State with { Receive = store.Job, IsReceiving = () => true };

    [Theory]
    [InlineData(null, "snappy", false)]
    [InlineData(Protobuf, null, false)]
    [InlineData(Protobuf, "Snappy", false)]
    [InlineData(Protobuf + "; proto=prometheus.WriteRequest", "snappy", false)]
    [InlineData(ProtobufV2, "snappy", true)]
    public async Task Write_OfSamples_Is204AndTheyAreStored(string? type, string? encoding, bool isV2)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, Snappy(store.One("m", 1, isV2: isV2)), type, encoding);
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.StatusCode, await TextAsync(answer)));
        Assert.Equal(isV2 ? "1 0 0" : "", Written(answer));
        Assert.Single(await store.StoredAsync(store.Recent));
    }

    [Theory]
    [InlineData("text/plain", "snappy", "expected application/x-protobuf")]
    [InlineData(Protobuf + ";proto=a.B", "snappy", "the message a.B is not known")]
    [InlineData(Protobuf + ";proto", "snappy", "is no name=value")]
    [InlineData(Protobuf, "gzip", "the content encoding gzip is not taken")]
    public async Task Write_OfAnotherContent_Is415(string type, string encoding, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, Snappy(store.One("m", 1)), type, encoding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains(error, await TextAsync(answer), StringComparison.Ordinal);
        Assert.Empty(store.Blobs.Calls);
    }

    [Theory]
    [InlineData("6a756e6b", HttpStatusCode.BadRequest, "snappy block")]
    [InlineData("", HttpStatusCode.BadRequest, "snappy block")]
    [InlineData("0100" + "0f", HttpStatusCode.BadRequest, "the request is no prometheus.WriteRequest")]
    [InlineData("ffffffff07" + "00", HttpStatusCode.BadRequest, "exceeds limit")]
    [InlineData("80808010" + "0061", HttpStatusCode.BadRequest, "cannot be that of 2 bytes")]
    public async Task Write_OfJunk_Is400AndNothingIsStored(string hex, HttpStatusCode status, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, Convert.FromHexString(hex));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(error, await TextAsync(answer), StringComparison.Ordinal);
        Assert.Empty(store.Blobs.Calls);
        Assert.Equal((1, 0L), (store.Job.Totals.Refused, store.Job.Room.TakenBytes));
    }

    [Theory]
    [InlineData(false, HttpStatusCode.NoContent, "")]
    [InlineData(true, HttpStatusCode.BadRequest, "1 1 0")]
    public async Task Write_OfParts_StoresTheGoodOnesAndCountsThem(bool isV2, HttpStatusCode status, string written)
    {
        WriteMessage message = isV2 ? new WriteRequestV2Writer() : new WriteRequestWriter();
        message.BeginSeries(ReceivePlace.Labels("m"));
        message.Add(store.NowMs, 1);
        message.BeginSeries(Tributary.Model.LabelSet.Of("a", "b"));
        message.Add(store.NowMs, 1);
        message.BeginSeries(ReceivePlace.Labels("h"));
        message.Add(new Tributary.Model.HistogramSample(store.NowMs, Model.Histograms.Integers(1, 2)));
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, message.Finish().ToArray(), isV2 ? ProtobufV2 : Protobuf);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(written, Written(answer));
        Assert.Contains(isV2 ? "has no metric name" : "", await TextAsync(answer), StringComparison.Ordinal);
        Assert.Equal(2, (await store.StoredAsync(store.Recent)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_WithATooOldSample_Is400WithTheReason(bool isV2)
    {
        await using var place = await WebPlace.StartAsync(State);
        var body = Snappy(store.One("m", 1, agoMs: 7 * 3_600_000, isV2));
        using var answer = await PostAsync(place, body, isV2 ? ProtobufV2 : Protobuf);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith("too old sample: m{a=\"b\"}", await TextAsync(answer), StringComparison.Ordinal);
        Assert.Equal(isV2 ? "0 0 0" : "", Written(answer));
    }

    [Fact]
    public async Task Write_WhenTheStoreFails_Is503AndMayBeSentAgain()
    {
        store.Blobs.OnCall = (_, _, _) => Task.FromException(ScriptedBlobs.Error(StoreError.Denied));
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, Snappy(store.One("m", 1, isV2: true)), ProtobufV2);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("5", answer.Headers.RetryAfter?.ToString());
        Assert.Equal("0 0 0", Written(answer));
        Assert.Contains("send them again", await TextAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfTooLongABody_Is413()
    {
        var (job, _) = store.Start(new WriteLimits { MaxBodyBytes = 100_000 });
        await using var place = await WebPlace.StartAsync(State with { Receive = job });
        foreach (var isChunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Address);
            request.Content = new ByteArrayContent(new byte[100_001]);
            request.Headers.TransferEncodingChunked = isChunked;
            using var answer = await place.Client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
        Assert.Equal(0, job.Room.TakenBytes);
    }

    [Fact]
    public async Task Write_WithoutRoom_Is503WithRetryAfter_AndRoomComesBack()
    {
        store.Job.Room.Take(96 << 20);
        await using var place = await WebPlace.StartAsync(State);
        var body = Snappy(store.One("m", 1));
        using (var answer = await PostAsync(place, body))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("5", answer.Headers.RetryAfter?.ToString());
            Assert.Contains("a little later", await TextAsync(answer), StringComparison.Ordinal);
        }
        store.Job.Room.Return(96 << 20);
        using var again = await PostAsync(place, body);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.Equal(0, store.Job.Room.TakenBytes);
    }

    [Fact]
    public async Task Write_IsOffUnlessSomebodySaysOtherwise()
    {
        await using var place = await WebPlace.StartAsync(State with { IsReceiving = () => false });
        using var answer = await PostAsync(place, Snappy(store.One("m", 1)));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.StartsWith(
            "remote write receiver needs to be enabled with --web.enable-remote-write-receiver",
            await TextAsync(answer),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Write_NeedsPostAndCredentials()
    {
        await using (var open = await WebPlace.StartAsync(State, "0.0.0.0:0"))
        {
            using var forbidden = await PostAsync(open, Snappy(store.One("m", 1)));
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
            using var get = await open.Client.GetAsync(Address, Token);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        }
        await using var closed = await WebPlace.StartAsync(State with { Web = () => WebPlace.WithCredentials });
        using var refused = await PostAsync(closed, Snappy(store.One("m", 1)));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        closed.Client.DefaultRequestHeaders.Authorization = new("Bearer", WebPlace.Token);
        using var granted = await PostAsync(closed, Snappy(store.One("m", 1)));
        Assert.Equal(HttpStatusCode.NoContent, granted.StatusCode);
    }

    [Fact]
    public async Task Metadata_OfWriters_IsShownBesideThatOfTargets()
    {
        var message = new WriteRequestWriter();
        message.Add(new Tributary.Model.MetricMetadata("written_total", "counter", "How many", ""));
        await using var place = await WebPlace.StartAsync(State);
        using var answer = await PostAsync(place, message.Finish().ToArray());
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var (_, text) = await place.AskAsync("GET", "/api/v1/metadata?metric=written_total");
        Assert.Contains("""{"written_total":[{"type":"counter",""", text, StringComparison.Ordinal);
        var (_, byTarget) = await place.AskAsync("GET", "/api/v1/targets/metadata");
        Assert.DoesNotContain("written_total", byTarget, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_CountWhatIsReceived()
    {
        var state = State with { Metrics = () => WebPlace.State.Metrics() with { Received = store.Job.Totals } };
        await using var place = await WebPlace.StartAsync(state);
        using var stored = await PostAsync(place, Snappy(store.One("m", 1)));
        using var refused = await PostAsync(place, [1]);
        var (_, text) = await place.AskAsync("GET", "/metrics");
        foreach (
            var line in (string[])
                [
                    "tributary_remote_write_received_requests_total{outcome=\"stored\"} 1",
                    "tributary_remote_write_received_requests_total{outcome=\"refused\"} 1",
                    "tributary_remote_write_received_samples_total 1",
                    "tributary_remote_write_received_rejected_samples_total{reason=\"too_old\"} 0",
                    "tributary_remote_write_received_series 1",
                ]
        )
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{tributary: {web: {enable_remote_write_receiver: true}}}", true)]
    [InlineData("{}", false)]
    public void Configuration_SaysWhetherItIsServed(string text, bool isServed) =>
        Assert.Equal(isServed, ConfigReader.Read(text, "test.yml").Web.EnableRemoteWriteReceiver);

    private static byte[] Snappy(byte[] message)
    {
        var block = new ByteWriter();
        SnappyBlock.Encode(message, block);
        return block.WrittenSpan.ToArray();
    }

    private static async Task<HttpResponseMessage> PostAsync(
        WebPlace place,
        byte[] body,
        string? type = Protobuf,
        string? encoding = "snappy"
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address);
        request.Content = new ByteArrayContent(body);
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        if (encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }
        return await place.Client.SendAsync(request, Token);
    }

    private static Task<string> TextAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(Token);

    private static string Written(HttpResponseMessage answer) =>
        string.Join(
            ' ',
            new[] { WriteProtocol.SamplesWritten, WriteProtocol.HistogramsWritten, WriteProtocol.ExemplarsWritten }
                .Where(answer.Headers.Contains)
                .SelectMany(answer.Headers.GetValues)
        );
}
