using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The model answers as what it models: all roads show the same truth.</summary>
public sealed class ModelPrometheusTests
{
    private const long StartMs = 1_767_225_600_000;
    private const long EndMs = StartMs + (20 * 60_000);
    private const int Seeds = 30;

    public static TheoryData<ulong> AllSeeds => [.. Enumerable.Range(1, Seeds).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Federate_GivesTheNewestSampleOfEverySeriesThatDidNotEnd(ulong seed)
    {
        var source = New(seed);
        for (var nowMs = StartMs + 60_000; nowMs < EndMs; nowMs += 37_123)
        {
            var text = Encoding.UTF8.GetString(Get(source, source.Target.Url.PathAndQuery, nowMs).Bytes);
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList();
            var wanted = source
                .Stored.Values.Select(series => series.Samples.LastOrDefault(sample => sample.VisibleMs <= nowMs))
                .Where(sample => sample != default && !sample.IsMarker && sample.TimestampMs >= nowMs - 300_000)
                .Select(sample => sample.TimestampMs);
            Assert.Equal(
                wanted.Order(),
                lines
                    .Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
                    .Order()
            );
            Assert.All(lines, line => Assert.Contains("instance=\"", line, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void RangeQueriesSideBySide_GiveEverySampleOnce_WithoutMarkers(ulong seed)
    {
        var source = New(seed);
        var found = new List<(string Series, long TimestampMs, string Value)>();
        for (var atMs = StartMs; atMs <= EndMs; atMs += 60_000)
        {
            var time = (atMs / 1000m).ToString(CultureInfo.InvariantCulture);
            var query = Uri.EscapeDataString("{__name__=~\".+\"}[1m]");
            var answer = Get(source, $"{source.Prefix}/api/v1/query?query={query}&time={time}", EndMs + 10_000);
            if ((int)answer.Status == 422)
            {
                Assert.True(source.MaxSamples < int.MaxValue);
                return;
            }
            foreach (
                var series in JsonDocument
                    .Parse(answer.Bytes)
                    .RootElement.GetProperty("data")
                    .GetProperty("result")
                    .EnumerateArray()
            )
            {
                var labels = LabelSet.Of(
                    series
                        .GetProperty("metric")
                        .EnumerateObject()
                        .Select(one => new Label(one.Name, one.Value.GetString()!))
                );
                foreach (var point in series.GetProperty("values").EnumerateArray())
                {
                    found.Add((labels.ToString(), (long)(point[0].GetDecimal() * 1000), point[1].GetString()!));
                }
            }
        }
        var wanted = source
            .Series.SelectMany(series =>
                series.Samples.Select(sample => (Series: series.Labels.ToString(), Sample: sample))
            )
            .Where(one => !one.Sample.IsMarker && one.Sample.TimestampMs <= EndMs)
            .Select(one => (one.Series, one.Sample.TimestampMs));
        Assert.Equal(wanted.Order(), found.Select(one => (one.Series, one.TimestampMs)).Order());
        Assert.Contains(found, one => one.Value == "1");
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void RemoteRead_GivesEverySampleBitForBit_WithMarkersAndExternalLabels(ulong seed)
    {
        var source = New(seed);
        var (fromMs, toMs) = (StartMs + 100_000, EndMs - 100_000);
        var answer = Read(source, fromMs, toMs);
        var found = new List<(string Series, long TimestampMs, long Bits)>();
        var reader = new ByteReader(answer.Bytes, "frames");
        while (reader.Remaining > 0)
        {
            var length = (int)reader.ReadUvarint();
            var checksum = reader.ReadUInt32();
            var message = reader.ReadBytes(length);
            Assert.Equal(Crc32C.Compute(message), checksum);
            ReadFrame(message, found);
        }
        var wanted = source
            .Series.SelectMany(series =>
                series.Samples.Select(sample => (Series: Shown(source, series), Sample: sample))
            )
            .Where(one => one.Sample.TimestampMs >= fromMs && one.Sample.TimestampMs <= toMs)
            .Select(one => (one.Series, one.Sample.TimestampMs, one.Sample.Bits))
            .ToHashSet();
        Assert.Equal(found.Count, found.Distinct().Count());
        if (source.TrimsChunks)
        {
            Assert.Equal(wanted, found.ToHashSet());
        }
        Assert.ProperSuperset(new HashSet<(string, long, long)>(), wanted);
        Assert.Subset(found.ToHashSet(), wanted);
    }

    [Fact]
    public void Truth_HasSeriesThatEndAndComeBack()
    {
        var all = AllSeeds.Select(seed => New(seed.Data)).ToList();
        all.ForEach(source => source.LiveUntil(EndMs));
        Assert.Contains(
            all.SelectMany(source => source.Series),
            series =>
                series.Samples.Zip(series.Samples.Skip(1)).Any(pair => pair.First.IsMarker && !pair.Second.IsMarker)
        );
    }

    private static ModelPrometheus New(ulong seed) =>
        new(0, PullMode.Range, TimeSpan.FromMinutes(1), StartMs, new SeededRandom(seed));

    private static string Shown(ModelPrometheus source, ModelTruth series) =>
        LabelSet
            .Of(
                source
                    .Federated(series.Labels)
                    .Where(label => label.Value.Length > 0)
                    .Select(label => new Label(label.Key, label.Value))
            )
            .ToString();

    private static ModelAnswer Get(ModelPrometheus source, string pathAndQuery, long nowMs)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(source.Target.Url, pathAndQuery));
        return ModelAnswers.Answer(source, request, [], nowMs);
    }

    private static ModelAnswer Read(ModelPrometheus source, long fromMs, long toMs)
    {
        var (message, query, matcher) = (new ByteWriter(), new ByteWriter(), new ByteWriter());
        matcher.WriteNumber(1, 2);
        matcher.WriteString(2, LabelSet.MetricNameLabel);
        matcher.WriteString(3, ".+");
        query.WriteNumber(1, (ulong)fromMs);
        query.WriteNumber(2, (ulong)toMs);
        query.WriteMessage(3, matcher);
        message.WriteMessage(1, query);
        message.WriteNumber(2, 1);
        var block = new ByteWriter();
        SnappyBlock.Encode(message.WrittenSpan, block);
        var body = block.WrittenSpan.ToArray();
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(source.Target.Url, $"{source.Prefix}/api/v1/read")
        );
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return ModelAnswers.Answer(source, request, body, EndMs + 10_000);
    }

    private static void ReadFrame(ReadOnlySpan<byte> message, List<(string Series, long TimestampMs, long Bits)> found)
    {
        var frame = new WireReader(message, 0);
        while (frame.Next())
        {
            if (frame.Field != 1)
            {
                frame.Skip();
                continue;
            }
            var series = frame.ReadMessage("series");
            var labels = new List<Label>();
            while (series.Next())
            {
                var part = series.ReadMessage("part");
                if (series.Field == 1)
                {
                    labels.Add(ReadLabel(part));
                    continue;
                }
                while (part.Next())
                {
                    if (part.Field != 4)
                    {
                        part.Skip();
                        continue;
                    }
                    var chunk = part.ReadBytes("data");
                    var times = new long[XorChunk.Count(chunk, "chunk")];
                    var values = new double[times.Length];
                    XorChunk.Decode(chunk, times, values, "chunk");
                    for (var i = 0; i < times.Length; i++)
                    {
                        found.Add(
                            (LabelSet.Of(labels).ToString(), times[i], BitConverter.DoubleToInt64Bits(values[i]))
                        );
                    }
                }
            }
        }
    }

    private static Label ReadLabel(WireReader label)
    {
        var (name, value) = ("", "");
        while (label.Next())
        {
            var text = Encoding.UTF8.GetString(label.ReadBytes("text"));
            (name, value) = label.Field == 1 ? (text, value) : (name, text);
        }
        return new Label(name, value);
    }
}
