using System.Buffers;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.RemoteRead;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.RemoteRead;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Remote reads that a Prometheus sent, and what another answered, put to our store.</summary>
public sealed class RemoteReadConformanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RemoteRead_RecordedRequests_AreAnsweredAlike()
    {
        var path = ConformanceData.PathOf("remote/remote-read-captures.json");
        if (!File.Exists(path))
        {
            ConformanceData.Report("remote", 0, []);
            return;
        }
        using var captures = JsonDocument.Parse(await File.ReadAllTextAsync(path, Token));
        using var store = await HttpApiDataSet.StoreAsync();
        var configPath = ConformanceData.PathOf("http-api/static.yml");
        var external = ConfigReader
            .Read(await File.ReadAllTextAsync(configPath, Token), configPath)
            .Global.ExternalLabels;
        var problems = new List<string>();
        var count = 0;
        foreach (var capture in captures.RootElement.EnumerateArray())
        {
            foreach (var kind in (string[])["", "samples_", "streamed_"])
            {
                count++;
                if (await JudgeAsync(capture, kind, store, external) is { } problem)
                {
                    problems.Add($"{count} {kind}: {problem}");
                }
            }
        }
        ConformanceData.Report("remote (read)", count - problems.Count, problems);
    }

    private static async Task<string?> JudgeAsync(
        JsonElement capture,
        string kind,
        StoreReader store,
        LabelSet external
    )
    {
        var request = ReadRequest.Parse(capture.GetProperty(kind + "request_base64").GetBytesFromBase64());
        var isChunked = kind is "streamed_";
        if (request.IsChunked != isChunked)
        {
            return $"chunks: {request.IsChunked}";
        }
        var body = capture.GetProperty(kind + "response_base64").GetBytesFromBase64();
        var expected = isChunked ? ReadAnswer.Chunks(body) : ReadAnswer.Samples(body);
        var query = Assert.Single(request.Queries).Within(external);
        var selected = await store.SelectChunksAsync(query.Matchers, query.Range, new SelectionLimits(), Token);
        var actual = isChunked ? ChunksOf(selected, external) : SamplesOf(selected, external);
        if (expected.Count == 0)
        {
            return "nothing is expected";
        }
        return expected.SequenceEqual(actual, StringComparer.Ordinal)
            ? null
            : $"{expected.Count} samples expected, {actual.Count} found; first {expected[0]} and {actual.FirstOrDefault()}";
    }

    private static List<string> SamplesOf(ChunkSelection selected, LabelSet external)
    {
        var answer = new SamplesAnswer(external);
        answer.Add(selected.Series, 0);
        return ReadAnswer.Samples(answer.Finish().ToArray());
    }

    private static List<string> ChunksOf(ChunkSelection selected, LabelSet external)
    {
        var body = new ArrayBufferWriter<byte>();
        var frames = new ChunkFrames(external, ChunkFrames.DefaultMaxFrameBytes);
        foreach (var series in selected.Series)
        {
            frames.Write(body, 0, series);
        }
        return ReadAnswer.Chunks(body.WrittenSpan.ToArray());
    }
}
