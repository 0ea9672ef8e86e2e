using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Storage.Chunks;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Reads the histogram chunks of a block by Prometheus, and judges their last samples by its own answer.</summary>
public sealed class HistogramChunkConformanceTests
{
    private const string Folder = "native-histograms";

    [Fact]
    public void Read_ChunksOfPrometheus_HoldWhatItAnswers()
    {
        var found = new HashSet<string>(LastSamples(), StringComparer.Ordinal);
        var cases = ConformanceData
            .Lines($"{Folder}/expected-2.42.jsonl")
            .Where(line => line.GetProperty("id").GetString() is "native/instant")
            .SelectMany(line => line.GetProperty("body").GetProperty("data").GetProperty("result").EnumerateArray())
            .Select(result => result.GetProperty("histogram")[1]);
        ConformanceData.Run(
            $"{Folder}/blocks.tar.gz",
            cases,
            expected => found.Contains(Describe(expected)) ? null : $"no chunk ends with {expected}"
        );
    }

    /// <summary>Encoding what was read gives the same bytes, and the two kinds of form and hint are there.</summary>
    [Fact]
    public void Build_SamplesOfPrometheus_GivesItsBytes()
    {
        var cases = Segments().SelectMany(SegmentFile.Chunks).Where(chunk => chunk.Encoding is not ChunkEncoding.Xor);
        ConformanceData.Run(
            $"{Folder}/blocks.tar.gz (encoded again)",
            cases,
            chunk =>
            {
                var builder = new HistogramChunkBuilder();
                foreach (var (timestampMs, value) in Read(chunk.Encoding, chunk.Bytes))
                {
                    Assert.True(builder.TryAppend(timestampMs, value));
                }
                return builder.Encoding == chunk.Encoding && builder.Bytes.SequenceEqual(chunk.Bytes)
                    ? null
                    : $"other bytes for a chunk of {chunk.Bytes.Length} bytes";
            }
        );
    }

    /// <summary>All histograms of the block.</summary>
    internal static List<HistogramSample> AllSamples() =>
        [
            .. Segments()
                .SelectMany(SegmentFile.Chunks)
                .Where(chunk => chunk.Encoding is not ChunkEncoding.Xor)
                .SelectMany(chunk => Read(chunk.Encoding, chunk.Bytes))
                .Select(sample => new HistogramSample(sample.TimestampMs, sample.Value)),
        ];

    private static IEnumerable<byte[]> Segments() => SegmentFile.InArchive($"{Folder}/blocks.tar.gz");

    private static IEnumerable<string> LastSamples() =>
        Segments()
            .SelectMany(SegmentFile.Chunks)
            .Where(chunk => chunk.Encoding is not ChunkEncoding.Xor)
            .Select(chunk => Describe(Read(chunk.Encoding, chunk.Bytes)[^1].Value));

    private static List<(long TimestampMs, Histogram Value)> Read(ChunkEncoding encoding, byte[] bytes)
    {
        var reader = new HistogramChunkReader(bytes, encoding, "golden chunk");
        var samples = new List<(long, Histogram)>();
        while (reader.MoveNext())
        {
            samples.Add((reader.TimestampMs, reader.ToHistogram()));
        }
        return samples;
    }

    private static string Describe(JsonElement histogram)
    {
        var buckets = histogram.TryGetProperty("buckets", out var list) ? list.EnumerateArray().ToArray() : [];
        return string.Join(
            ' ',
            [
                Number(histogram.GetProperty("count")),
                Number(histogram.GetProperty("sum")),
                .. buckets.Select(bucket => $"{Number(bucket[1])}..{Number(bucket[2])}:{Number(bucket[3])}"),
            ]
        );
    }

    private static double Number(JsonElement text) => double.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    /// <summary>As the API shows it: negative buckets from the highest index on, the zero bucket, positive ones; none empty.</summary>
    private static string Describe(Histogram histogram)
    {
        var layout = histogram.Layout;
        var parts = new List<string> { $"{histogram.Count}", $"{histogram.Sum}" };
        for (var i = layout.NegativeCount - 1; i >= 0; i--)
        {
            var index = layout.NegativeIndexes[i];
            var count = histogram.BucketAt(layout.PositiveCount + i);
            Add(-HistogramBounds.Upper(layout, index), -HistogramBounds.Upper(layout, index - 1), count);
        }
        Add(-layout.ZeroThreshold, layout.ZeroThreshold, histogram.ZeroCount);
        for (var i = 0; i < layout.PositiveCount; i++)
        {
            var index = layout.PositiveIndexes[i];
            Add(HistogramBounds.Upper(layout, index - 1), HistogramBounds.Upper(layout, index), histogram.BucketAt(i));
        }
        return string.Join(' ', parts);

        void Add(double lower, double upper, double count)
        {
            if (count != 0)
            {
                parts.Add($"{lower}..{upper}:{count}");
            }
        }
    }
}
