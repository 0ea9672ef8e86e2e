using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Model;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>What compactions leave in the container <c>blocks</c> is what Thanos' documentation says of an object store.</summary>
public sealed partial class ThanosLayoutTests
{
    private const string Folder = ThanosLayout.Container + "/";
    private readonly CompactionPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Container_HasBlocksAndNothingElse()
    {
        await CompactAsync();
        var names = await NamesAsync();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches(BlockFile(), name));
        foreach (var block in names.GroupBy(name => name.Split('/')[1]))
        {
            Assert.Contains($"{Folder}{block.Key}/meta.json", block);
            Assert.Contains($"{Folder}{block.Key}/index", block);
            Assert.Contains($"{Folder}{block.Key}/chunks/000001", block);
        }
    }

    [Fact]
    public async Task Meta_HasWhatThanosReads()
    {
        var (first, second, merged) = await CompactAsync();
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var ulid in (Ulid[])[first, second, merged])
        {
            using var meta = await MetaAsync(ulid);
            foreach (var (path, kind) in ThanosLayout.Fields)
            {
                Assert.Equal($"{path} {kind}", $"{path} {At(meta.RootElement, path).ValueKind}");
            }
            Assert.Equal(1, At(meta.RootElement, "version").GetInt32());
            Assert.Equal(0, At(meta.RootElement, "thanos.downsample.resolution").GetInt32());
            Assert.Equal(1, At(meta.RootElement, "thanos.version").GetInt32());
            Assert.NotEmpty(At(meta.RootElement, "thanos.labels").EnumerateObject());
            labels.Add(At(meta.RootElement, "thanos.labels").GetRawText());
            await AssertFilesAsync(ulid, meta.RootElement);
        }
        Assert.Single(labels);
    }

    /// <summary>By this the gateway leaves out what was merged.</summary>
    [Fact]
    public async Task Merged_HasTheSourcesOfItsInputs()
    {
        var (first, second, merged) = await CompactAsync();
        var sources = await SourcesAsync(merged);
        Assert.Superset(await SourcesAsync(first), sources);
        Assert.Superset(await SourcesAsync(second), sources);
    }

    /// <summary>Two blocks of the log, and one of both, which is there beside them until they go.</summary>
    private async Task<(Ulid First, Ulid Second, Ulid Merged)> CompactAsync()
    {
        var noon = Window.Of(LogBatches.NoonMs);
        var next = Window.Of(noon.EndMs);
        var writer = place.NewWriter();
        foreach (var tickMs in (long[])[noon.StartMs, next.StartMs])
        {
            var scraped = LogBatches.Columns((LogBatches.Series(1), tickMs, 1), (LogBatches.Series(2), tickMs, 2));
            await writer.AppendAsync([LogBatches.Of("a", tickMs, scraped)], Token);
        }
        var first = (await place.CompactLogAsync(noon))!.Value;
        var second = (await place.CompactLogAsync(next))!.Value;
        return (first, second, (await place.MergeAsync(first, second))!.Value);
    }

    /// <summary>The list of files is that of the container, with the sizes; <c>meta.json</c> has none.</summary>
    private async Task AssertFilesAsync(Ulid ulid, JsonElement meta)
    {
        var listed = At(meta, "thanos.files")
            .EnumerateArray()
            .Select(file =>
                (
                    file.GetProperty("rel_path").GetString()!,
                    file.TryGetProperty("size_bytes", out var size) ? size.GetInt64() : 0
                )
            );
        var real = new List<(string, long)>();
        await foreach (var blob in place.Manifest.Blobs.ListAsync($"{Folder}{ulid}/", Token))
        {
            var path = blob.Name[$"{Folder}{ulid}/".Length..];
            real.Add((path, path == "meta.json" ? 0 : blob.LengthBytes));
        }
        Assert.Equal(real.Order(), listed);
    }

    private async Task<IReadOnlyList<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var blob in place.Manifest.Blobs.ListAsync(Folder, Token))
        {
            names.Add(blob.Name);
        }
        return names;
    }

    private async Task<HashSet<string>> SourcesAsync(Ulid ulid)
    {
        using var meta = await MetaAsync(ulid);
        var sources = At(meta.RootElement, "compaction.sources").EnumerateArray();
        return sources.Select(source => source.GetString()!).ToHashSet(StringComparer.Ordinal);
    }

    private async Task<JsonDocument> MetaAsync(Ulid ulid)
    {
        var name = $"{Folder}{ulid}/meta.json";
        var info = await place.Manifest.Blobs.GetInfoAsync(name, Token);
        Assert.NotNull(info);
        var bytes = new byte[info.LengthBytes];
        Assert.Equal(bytes.Length, await place.Manifest.Blobs.ReadAsync(name, 0, bytes, info.ETag, Token));
        return JsonDocument.Parse(bytes);
    }

    private static JsonElement At(JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            Assert.True(element.TryGetProperty(name, out element), path);
        }
        return element;
    }

    [GeneratedRegex(
        "^blocks/[0-9A-HJKMNP-TV-Z]{26}/(meta\\.json|index|tombstones|chunks/[0-9]{6})$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex BlockFile();
}
