using System.Globalization;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Exports.ExportPlace;

namespace Tributary.Tests.Unit.Exports;

/// <summary>What Prometheus' own tool makes of openmetrics and blocks.</summary>
public sealed class ExportBlocksTests
{
    private const string Fields = """
        interval: 1h
        match: ['{__name__=~".+"}']
        range: 5h
        """;

    [Fact]
    public async Task Blocks_AreOpenedByPromtool_AndHaveAllSamples()
    {
        using var place = await FilledAsync();
        var config = Config($"{Fields}\nformat: prometheus-blocks\ndestination: 'file:{place.Folder}/data/{{date}}'");
        var manifest = (await RunAsync(place, config)).Manifest!;
        var data = manifest.Output;
        Directory.CreateDirectory(Path.Combine(data, "wal"));
        var ulid = manifest.Files[0].Path.Split('/')[0];
        Assert.Contains(ulid, await PromtoolTests.RunAsync("list", data), StringComparison.Ordinal);
        Assert.Contains("Series: 5", await PromtoolTests.RunAsync("analyze", data), StringComparison.Ordinal);
        Assert.Equal(Dump(place), await DumpAsync(data));
        // The same again gives the same bytes under the same name; other samples another block, and the first one goes.
        var before = Directory
            .EnumerateFiles(Path.Combine(data, ulid), "*", SearchOption.AllDirectories)
            .ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));
        var again = (await RunAsync(place, config)).Manifest!;
        Assert.Equal(manifest.ToBytes(), again.ToBytes());
        Assert.All(before, file => Assert.Equal(file.Value, Convert.ToHexString(File.ReadAllBytes(file.Key))));
        await place.AppendAsync((LabelSet.Of("__name__", "late"), HourMs - 1, 1));
        var other = (await RunAsync(place, config)).Manifest!;
        Assert.NotEqual(ulid, other.Files[0].Path.Split('/')[0]);
        Assert.False(Directory.Exists(Path.Combine(data, ulid)));
    }

    [Fact]
    public async Task Blocks_InTheStore_AreTheSameFiles()
    {
        using var place = await FilledAsync();
        var config = Config($"{Fields}\nformat: prometheus-blocks\ndestination: 'exports/{{date}}'");
        var manifest = (await RunAsync(place, config)).Manifest!;
        foreach (var file in manifest.Files)
        {
            var bytes = await place.ReadAsync($"{manifest.Output}/{file.Path}");
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes!)));
        }
        Assert.EndsWith("meta.json", manifest.Files[^1].Path, StringComparison.Ordinal);
        var names = await place.NamesAsync(manifest.Output + "/");
        await place.AppendAsync((LabelSet.Of("__name__", "late"), HourMs - 1, 1));
        Assert.Empty(
            (await RunAsync(place, config))
                .Manifest!.Files.Select(file => $"{manifest.Output}/{file.Path}")
                .Intersect(names, StringComparer.Ordinal)
        );
        Assert.Empty((await place.NamesAsync(manifest.Output + "/")).Intersect(names, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Blocks_OfNothing_AreNoBlock()
    {
        using var place = new ExportPlace();
        var config = Config($"{Fields}\nformat: prometheus-blocks\ndestination: 'exports/{{date}}'");
        var manifest = (await RunAsync(place, config)).Manifest!;
        Assert.Equal((0, 0, 0), (manifest.Rows, manifest.Bytes, manifest.Files.Count));
        Assert.Equal(["exports/2023-11-14.manifest.json"], await place.NamesAsync("exports/"));
    }

    [Fact]
    public async Task OpenMetrics_BecomesBlocksByPromtool_WithTheSameSamples()
    {
        using var place = await FilledAsync();
        var config = Config($"{Fields}\nformat: openmetrics\ndestination: 'file:{place.Folder}/out/{{date}}.om'");
        var manifest = (await RunAsync(place, config)).Manifest!;
        var data = Path.Combine(place.Folder, "made");
        await PromtoolTests.RunAsync("create-blocks-from", "openmetrics", manifest.Output, data);
        Directory.CreateDirectory(Path.Combine(data, "wal"));
        Assert.Equal(Dump(place), await DumpAsync(data));
    }

    [Fact]
    public async Task QueryWithoutANameOfItsOwn_HasTheExports_InBlocks()
    {
        using var place = await FilledAsync();
        var config = Config(
            $"interval: 1h\nquery: sum(plain)\nformat: prometheus-blocks\ndestination: 'file:{place.Folder}/data/{{date}}'",
            "daily-slo"
        );
        var manifest = (await RunAsync(place, config)).Manifest!;
        Directory.CreateDirectory(Path.Combine(manifest.Output, "wal"));
        Assert.StartsWith(
            "{__name__=\"daily_slo\"} ",
            Assert.Single(await DumpAsync(manifest.Output)),
            StringComparison.Ordinal
        );
    }

    private static async Task<ExportPlace> FilledAsync()
    {
        var place = new ExportPlace();
        var random = new Random(4);
        for (var atMs = HourMs - (290 * MinuteMs); atMs <= HourMs; atMs += 5 * MinuteMs)
        {
            await place.AppendAsync(
                (LabelSet.Of("__name__", "plain", "instance", "a"), atMs, atMs / MinuteMs),
                (LabelSet.Of("__name__", "plain", "instance", "b"), atMs + random.Next(1000), random.NextDouble()),
                (
                    LabelSet.Of("__name__", "special", "text", "q\"\\\nö"),
                    atMs + 1,
                    random.Next(2) == 0 ? double.NegativeInfinity : 1e-300
                ),
                (LabelSet.Of("__name__", "a:total_bucket", "le", "+Inf"), atMs + 2, -0.5),
                (LabelSet.Of("__name__", "b_total", "Z", "1"), atMs + 3, random.Next(1_000_000))
            );
        }
        return place;
    }

    private static Task<ExportResult> RunAsync(ExportPlace place, Tributary.Configuration.ExportConfig config) =>
        place.Job(config).RunAsync(config, HourMs, force: true, null, Token);

    /// <summary>All samples up to the scheduled time, as the tool prints them.</summary>
    private static List<string> Dump(ExportPlace place)
    {
        Assert.NotNull(place);
        var config = Config($"{Fields}\nformat: ndjson\ndestination: 'exports/check/{{date}}.ndjson'", "check");
        var manifest = place.Job(config).RunAsync(config, HourMs, true, null, Token).GetAwaiter().GetResult().Manifest!;
        var lines = place.TextAsync(manifest.Output).GetAwaiter().GetResult();
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Line).Order(StringComparer.Ordinal)];
    }

    private static string Line(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        var root = document.RootElement;
        var labels = root.GetProperty("labels")
            .EnumerateObject()
            .Select(label => new Label(label.Name, label.Value.GetString()!));
        var value = root.GetProperty("value");
        var number =
            value.ValueKind is System.Text.Json.JsonValueKind.String
                ? value.GetString() switch
                {
                    "-Inf" => double.NegativeInfinity,
                    "+Inf" => double.PositiveInfinity,
                    _ => double.NaN,
                }
                : value.GetDouble();
        var at = DateTimeOffset.Parse(root.GetProperty("timestamp").GetString()!, CultureInfo.InvariantCulture);
        return BlockSamples
            .Dump([new SelectedSeries(LabelSet.Of(labels), [new Sample(at.ToUnixTimeMilliseconds(), number)])])
            .Single();
    }

    private static async Task<List<string>> DumpAsync(string data) =>
        [
            .. (await PromtoolTests.RunAsync("dump", data))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Order(StringComparer.Ordinal),
        ];
}
