using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;
using Tributary.Storage.Files;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Files;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Blocks that Prometheus and Thanos wrote.</summary>
public sealed class TsdbConformanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HttpApiBlocks_AreReadToTheSamplesOfTheRecordedDump()
    {
        var problems = new List<string>();
        var passed = 0;
        if (await ExtractAsync("http-api/blocks.tar.gz") is { } store)
        {
            var lines = new List<string>();
            foreach (var prefix in Prefixes(store))
            {
                problems.AddRange(await VerifyAsync(store, prefix));
                var block = await BlockSamples.OpenAsync(store, prefix);
                lines.AddRange(BlockSamples.Dump(await BlockSamples.ReadAsync(block)));
            }
            lines.Sort(StringComparer.Ordinal);
            var expected = JsonDocument.Parse(
                await File.ReadAllBytesAsync(ConformanceData.PathOf("tsdb/http-api-blocks-dump.json"), Token)
            );
            var text = Encoding.UTF8.GetBytes(string.Join('\n', lines));
            if (
                lines.Count != expected.RootElement.GetProperty("lines").GetInt32()
                || Convert.ToHexStringLower(SHA256.HashData(text))
                    != expected.RootElement.GetProperty("sha256_of_sorted_lines").GetString()
            )
            {
                problems.Add($"{lines.Count} lines, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(text))}");
            }
            passed = lines.Count;
        }
        ConformanceData.Report("tsdb (http-api/blocks)", problems.Count == 0 ? passed : 0, problems);
    }

    [Fact]
    public async Task IndexVersion1_IsRead()
    {
        var folder = ConformanceData.PathOf("tsdb/prometheus/index_format_v1");
        var problems = new List<string>();
        var passed = 0;
        if (Directory.Exists(folder))
        {
            const string prefix = "blocks/01DXXFZDYD1MQW6079WK0K6EDQ/";
            var store = Load(folder, prefix);
            problems.AddRange(await VerifyAsync(store, prefix));
            var block = await BlockSamples.OpenAsync(store, prefix);
            Assert.Equal(1, block.Index.Version);
            var all = await BlockSamples.ReadAsync(block);
            Assert.Equal(102, all.Count);
            // As "promtool tsdb dump" of 2.42 prints it.
            Assert.All(all.SkipLast(2), one => Assert.Equal([new Sample(0, 0)], one.Samples));
            Assert.Equal(
                ["{foo=\"bar\"} 2 1", "{foo=\"baz\"} 4 3"],
                BlockSamples.Dump(all).Where(line => line.StartsWith("{foo", StringComparison.Ordinal))
            );
            Assert.Equal(["bar", "foo"], await block.LabelNamesAsync([], default));
            var one = await BlockSamples.ReadAsync(block, null, new LabelMatcher("bar", MatchOperator.Equal, "7"));
            Assert.Equal("{bar=\"7\"}", Assert.Single(one).Labels.ToString());
            Assert.Equal(100, (await block.LabelValuesAsync("bar", [], default)).Count);
            passed = all.Count;
        }
        ConformanceData.Report("tsdb (index_format_v1)", passed, problems);
    }

    [Fact]
    public async Task IndexVersion1_IsImported_AndAgainChangesNothing()
    {
        const string name = "01DXXFZDYD1MQW6079WK0K6EDQ";
        var folder = ConformanceData.PathOf("tsdb/prometheus/index_format_v1");
        var problems = new List<string>();
        var passed = 0;
        if (Directory.Exists(folder))
        {
            using var place = new BlocksPlace();
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(place.Data, name, Path.GetRelativePath(folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
            var imported = Assert.Single(await place.ImportAsync());
            Assert.Equal(ImportOutcome.Imported, imported.Outcome);
            var dump = await place.DumpAsync();
            Assert.Equal(102, dump.Count);
            Assert.Contains("{foo=\"baz\"} 4 3", dump);
            var again = Assert.Single(await place.ImportAsync());
            Assert.Equal((ImportOutcome.AlreadyThere, imported.Block), (again.Outcome, again.Block));
            Assert.Equal(dump, await place.DumpAsync());
            passed = dump.Count;
        }
        ConformanceData.Report("tsdb (import of index_format_v1)", passed, problems);
    }

    [Fact]
    public async Task MetaOfAnotherVersion_IsRefused_AndThatOfThanosRead()
    {
        const string name = "01BZJ9WJQPWHGNC2W4J9TA62KC";
        var folder = ConformanceData.PathOf($"tsdb/prometheus/repair_index_version/{name}");
        var passed = 0;
        if (Directory.Exists(folder))
        {
            var store = Load(folder, $"blocks/{name}/");
            var error = await Assert.ThrowsAsync<CorruptDataException>(() =>
                BlockSamples.OpenAsync(store, $"blocks/{name}/")
            );
            Assert.Contains("version 2", error.Message, StringComparison.Ordinal);
            passed++;
        }
        var thanos = ConformanceData.PathOf("tsdb/thanos/index_format_v2-meta.json");
        if (File.Exists(thanos))
        {
            var meta = BlockMetaJson.Read(await File.ReadAllBytesAsync(thanos, Token), "m");
            Assert.Equal([new("cluster", "one"), new("dataset", "continuous")], meta.Labels);
            Assert.Equal((0, "blockgen", 990000), (meta.ResolutionMs, meta.Source, meta.Statistics.Chunks));
            passed++;
        }
        ConformanceData.Report("tsdb (meta.json)", passed, []);
    }

    [Fact]
    public async Task NativeHistogramBlocks_HaveTheirChunksAndFloats()
    {
        var problems = new List<string>();
        var passed = 0;
        if (await ExtractAsync("native-histograms/blocks.tar.gz") is { } store)
        {
            foreach (var prefix in Prefixes(store))
            {
                problems.AddRange(await VerifyAsync(store, prefix));
                var block = await BlockSamples.OpenAsync(store, prefix);
                var encodings = new HashSet<ChunkEncoding>();
                await foreach (var series in block.SelectAsync([], BlockSamples.Always, default))
                {
                    var loaded = await block.Chunks.LoadAsync(series.Chunks, default);
                    foreach (var place in series.Chunks)
                    {
                        var chunk = loaded.Get(place);
                        encodings.Add(chunk.Encoding);
                        Assert.True(chunk.SampleCount > 0);
                        passed++;
                    }
                }
                Assert.Equal(Enum.GetValues<ChunkEncoding>(), encodings.Order());
            }
        }
        ConformanceData.Report("native-histograms (blocks)", passed, problems);
    }

    private static async Task<IEnumerable<string>> VerifyAsync(MemoryBlobs store, string prefix)
    {
        var ranges = new RangeReader(store, new PageCache(1 << 24));
        var report = await BlockVerifier.VerifyAsync(ranges, prefix, default);
        return report.Problems.Select(problem => problem.Message);
    }

    private static List<string> Prefixes(MemoryBlobs store) =>
        [
            .. store
                .All.Keys.Where(name => name.EndsWith("/meta.json", StringComparison.Ordinal))
                .Select(name => name[..^"meta.json".Length]),
        ];

    private static MemoryBlobs Load(string folder, string prefix)
    {
        var store = new MemoryBlobs();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            store[prefix + path] = File.ReadAllBytes(file);
        }
        return store;
    }

    private static async Task<MemoryBlobs?> ExtractAsync(string relative)
    {
        var path = ConformanceData.PathOf(relative);
        if (!File.Exists(path))
        {
            return null;
        }
        var store = new MemoryBlobs();
        await using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        await using var archive = new TarReader(file);
        while (await archive.GetNextEntryAsync(cancellationToken: Token) is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                using var content = new MemoryStream();
                await data.CopyToAsync(content, Token);
                store["blocks/" + entry.Name] = content.ToArray();
            }
        }
        return store;
    }
}
