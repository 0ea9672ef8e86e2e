using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Stores;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>A server that reads a container of Thanos' besides its own blocks.</summary>
public sealed class AttachedBlocksTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Container = "thanos";
    private const string Config = "tributary: {storage: {attached: [{container: thanos}]}}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task Container_OfThanos_IsReadWithItsLabels_AndNeverWritten(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var start = PrometheusBlocks.Start();
        var data = installation.Folder.Folder("prometheus");
        await PrometheusBlocks.MakeAsync(installation.Folder, data, start);
        var ulids = Directory
            .GetDirectories(data)
            .Select(Path.GetFileName)
            .OfType<string>()
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.Equal(2, ulids.Count);
        foreach (var ulid in ulids)
        {
            await DressAsync(Path.Combine(data, ulid), isDownsampled: ulid == ulids[1]);
        }
        await UploadAsync(installation, data);
        var before = await ListAsync(installation);
        await using var server = await installation.StartAsync(Config);
        var range = string.Create(
            CultureInfo.InvariantCulture,
            $"start={start}&end={start + (2 * PrometheusBlocks.WindowSeconds)}"
        );
        using var series = await GetAsync(server, $"/api/v1/series?match[]=x{{cluster=~\"eu.*\"}}&{range}");
        Assert.False(series.RootElement.TryGetProperty("warnings", out _));
        Assert.Equal(
            Enumerable.Range(0, PrometheusBlocks.SeriesCount).Select(n => $"eu-1 {n}"),
            series
                .RootElement.GetProperty("data")
                .EnumerateArray()
                .Select(one => $"{one.GetProperty("cluster")} {one.GetProperty("n")}")
        );
        using var none = await GetAsync(server, $"/api/v1/series?match[]=x{{cluster=\"us\"}}&{range}");
        Assert.Empty(none.RootElement.GetProperty("data").EnumerateArray());
        using var values = await GetAsync(server, $"/api/v1/label/cluster/values?{range}");
        Assert.Equal(
            ["eu-1"],
            values.RootElement.GetProperty("data").EnumerateArray().Select(value => value.GetString())
        );
        using var names = await GetAsync(server, $"/api/v1/labels?{range}");
        Assert.Contains(
            "cluster",
            names.RootElement.GetProperty("data").EnumerateArray().Select(name => name.GetString())
        );
        using var status = await GetAsync(server, "/api/v1/status/blocks");
        var attached = Assert.Single(status.RootElement.GetProperty("data").GetProperty("attached").EnumerateArray());
        Assert.Equal(Container, attached.GetProperty("name").GetString());
        Assert.Equal(
            ["ignored", "live"],
            attached
                .GetProperty("blocks")
                .EnumerateArray()
                .Select(block => block.GetProperty("state").GetString())
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(before, await ListAsync(installation));
    }

    /// <summary>Gives a block the section of Thanos'.</summary>
    private static async Task DressAsync(string block, bool isDownsampled)
    {
        var file = Path.Combine(block, "meta.json");
        var meta = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!.AsObject();
        meta["thanos"] = new JsonObject
        {
            ["version"] = 1,
            ["labels"] = new JsonObject { ["cluster"] = "eu-1" },
            ["downsample"] = new JsonObject { ["resolution"] = isDownsampled ? 300_000 : 0 },
            ["source"] = "sidecar",
        };
        await File.WriteAllTextAsync(file, meta.ToJsonString(), Token);
    }

    private static async Task UploadAsync(Installation installation, string data)
    {
        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(data, file);
            if (StorageSetting.Parse(installation.Storage) is LocalFolder folder)
            {
                var copy = Path.Combine(folder.Path, Container, name);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
                continue;
            }
            var bytes = await File.ReadAllBytesAsync(file, Token);
            await StoredLog
                .Open(installation.Storage)
                .WriteAsync($"{Container}/{name}", bytes, WriteCondition.None, Token);
        }
    }

    private static async Task<List<string>> ListAsync(Installation installation)
    {
        if (StorageSetting.Parse(installation.Storage) is LocalFolder folder)
        {
            return
            [
                .. Directory
                    .GetFiles(Path.Combine(folder.Path, Container), "*", SearchOption.AllDirectories)
                    .Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O}")
                    .Order(StringComparer.Ordinal),
            ];
        }
        var all = new List<string>();
        await foreach (var info in StoredLog.Open(installation.Storage).ListAsync(Container + "/", Token))
        {
            all.Add(info.ToString());
        }
        return all;
    }

    private static async Task<JsonDocument> GetAsync(TributaryInstance server, string path)
    {
        using var answer = await server.Http.GetAsync(path, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}\n{server.Log}");
        return JsonDocument.Parse(text);
    }
}
