using System.Text;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;

namespace Tributary.Tests.Unit.Storage.Blocks;

public sealed class BlockMetaJsonTests
{
    private static readonly Ulid A = Ulid.Create(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    private static readonly Ulid B = Ulid.Create(2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    private static readonly BlockMeta Full = new()
    {
        Ulid = A,
        MinTimeMs = -7,
        MaxTimeMs = 7_200_000,
        Statistics = new BlockStatistics(30, 20, 10, 4, 5, 1),
        Level = 2,
        Sources = [A, B],
        Parents = [new BlockParent(B, 0, 3_600_000)],
        Labels = [new("tributary_store", "prod \"é\"")],
        Source = "tributary",
        Files = [new("chunks/000001", 100), new("index", 55), new("meta.json", 0)],
        LargestSeriesBytes = 120,
        LargestChunkBytes = 1030,
        LogFiles = [new("log/0/01.log", 17)],
        CommitNumber = 41,
    };

    [Fact]
    public void Meta_IsReadAsItWasWritten()
    {
        var read = BlockMetaJson.Read(BlockMetaJson.Write(Full), "m");
        Assert.Equivalent(Full, read, strict: true);
    }

    [Fact]
    public void File_HasTheFieldsOfPrometheusAndThanos()
    {
        var text = Encoding.UTF8.GetString(BlockMetaJson.Write(Full));
        Assert.StartsWith($"{{\n\t\"ulid\": \"{A}\",\n\t\"minTime\": -7,", text, StringComparison.Ordinal);
        foreach (
            var part in new[]
            {
                "\"version\": 1",
                "\"numHistogramSamples\": 10",
                "\"tributary_store\": \"prod \\\"é\\\"\"",
                "\"resolution\": 0",
                "\"rel_path\": \"meta.json\"\n",
                "\"series_max_size\": 120",
                "\"log_files\"",
                "\"commit\": 41",
            }
        )
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ForeignFile_WithUnknownAndMissingFields_IsRead()
    {
        var text = $$$$"""
            {"ulid":"{{{{A}}}}","minTime":0,"maxTime":5,"compaction":{"level":1,"sources":null,"hints":["x"],"failed":true},
             "version":1,"out_of_order":false,"thanos":{"labels":{"a":"b"},"source":"sidecar","extensions":{"x":1}}}
            """;
        var meta = BlockMetaJson.Read(Encoding.UTF8.GetBytes(text), "m");
        Assert.Equal((A, 0, 5, 1), (meta.Ulid, meta.MinTimeMs, meta.MaxTimeMs, meta.Level));
        Assert.Equal("sidecar", meta.Source);
        Assert.Equal([new("a", "b")], meta.Labels);
        Assert.Empty(meta.Files);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("[]", 0)]
    [InlineData("{\"version\":1,", 12)]
    [InlineData("{\n\n\"version\" 1}", 13)]
    [InlineData("{\"version\":2}", 0)]
    [InlineData("{\"version\":\"1\"}", 0)]
    [InlineData("{\"version\":1.5}", 0)]
    [InlineData("{\"version\":1}", 0)]
    [InlineData("{\"version\":1,\"ulid\":\"x\"}", 0)]
    [InlineData("{\"version\":1,\"ulid\":\"01M7W1SDW3V2MMKXH33E3NBQZW\",\"minTime\":2,\"maxTime\":1}", 0)]
    [InlineData("{\"version\":1,\"ulid\":\"01M7W1SDW3V2MMKXH33E3NBQZW\",\"thanos\":{\"version\":9}}", 0)]
    [InlineData(
        "{\"version\":1,\"ulid\":\"01M7W1SDW3V2MMKXH33E3NBQZW\",\"thanos\":{\"files\":[{\"size_bytes\":-1}]}}",
        0
    )]
    public void BadFile_IsANamedError(string text, long offset)
    {
        var error = Assert.Throws<CorruptDataException>(() => BlockMetaJson.Read(Encoding.UTF8.GetBytes(text), "m"));
        Assert.Equal(("m", offset), (error.Blob, error.OffsetBytes));
    }

    [Fact]
    public void ChangedNumber_IsSeenByTheChecksum()
    {
        var text = Encoding
            .UTF8.GetString(BlockMetaJson.Write(Full))
            .Replace("7200000", "7200001", StringComparison.Ordinal);
        Assert.Throws<CorruptDataException>(() => BlockMetaJson.Read(Encoding.UTF8.GetBytes(text), "m"));
    }
}
