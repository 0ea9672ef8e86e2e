using System.Globalization;
using System.Text.Json;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>A server over blocks of which one is damaged, and over a manifest that is lost; the command line mends both.</summary>
public sealed class ServedBlocksTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int SeriesCount = PrometheusBlocks.SeriesCount;
    private const int WindowSeconds = PrometheusBlocks.WindowSeconds;

    /// <summary>A byte of the symbols.</summary>
    private const int Flipped = 20;

    /// <summary>A byte of the first chunk.</summary>
    private const int ChunkByte = 24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task FlippedByte_QuarantinesTheBlock_AndTheOthersAnswer(Form form)
    {
        using var place = await Place.CreateAsync(form, executable, azurite);
        var index = $"{BlockPaths.Container}{place.Early}/{BlockPaths.Index}";
        var sound = await place.ReadAsync(index);
        await using var server = await place.StartAsync();
        await CheckAsync(server, place.LateRange, SeriesCount);
        var flipped = sound.ToArray();
        flipped[Flipped] ^= 1;
        await place.WriteAsync(index, flipped);

        for (var i = 0; i < 2; i++)
        {
            var (series, warnings) = await SeriesAsync(server, place.Whole);
            Assert.Equal(SeriesCount, series.Count);
            Assert.Contains($"block {place.Early} (", Assert.Single(warnings), StringComparison.Ordinal);
        }
        Assert.Empty((await SeriesAsync(server, place.EarlyRange)).Series);
        await CheckAsync(server, place.LateRange, SeriesCount);
        using var labels = await GetAsync(server, $"/api/v1/labels?{place.Whole}");
        Assert.Single(labels.RootElement.GetProperty("warnings").EnumerateArray());
        using var status = await GetAsync(server, "/api/v1/status/blocks");
        var listed = await place.Blocks.RunAsync("ls");
        foreach (var blocks in (JsonElement[])[status.RootElement.GetProperty("data"), listed])
        {
            var states = blocks
                .GetProperty("blocks")
                .EnumerateArray()
                .ToDictionary(
                    block => block.GetProperty("ulid").GetString()!,
                    block =>
                        (
                            block.GetProperty("state").GetString(),
                            block.TryGetProperty("reason", out var reason) ? reason.GetString() : ""
                        )
                );
            Assert.Equal(("live", ""), states[place.Late]);
            Assert.Equal("quarantined", states[place.Early].Item1);
            Assert.Contains($"{index}: offset", states[place.Early].Item2, StringComparison.Ordinal);
        }
        Assert.Equal(1, (await place.Blocks.TryAsync("verify", place.Early)).ExitCode);
        Assert.Equal(0, (await place.Blocks.TryAsync("verify", place.Late)).ExitCode);

        await place.WriteAsync(index, sound);
        var verdict = await place.Blocks.TryAsync("verify", place.Early);
        Assert.StartsWith("in quarantine", Assert.Single(Problems(verdict.Answer)), StringComparison.Ordinal);
        await place.Blocks.RunAsync("release", place.Early);
        await CheckAsync(server, place.EarlyRange, SeriesCount);
        await CheckAsync(server, place.Whole, SeriesCount);
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task FlippedByteOfAChunk_QuarantinesTheBlock_AndQueriesWarn(Form form)
    {
        using var place = await Place.CreateAsync(form, executable, azurite);
        var chunks = $"{BlockPaths.Container}{place.Early}/chunks/000001";
        var flipped = await place.ReadAsync(chunks);
        flipped[ChunkByte] ^= 1;
        await place.WriteAsync(chunks, flipped);
        await using var server = await place.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            using var answer = await GetAsync(server, $"/api/v1/query?query=count_over_time(x[4h])&time={place.End}");
            var data = answer.RootElement.GetProperty("data").GetProperty("result");
            Assert.Equal(SeriesCount, data.GetArrayLength());
            var warnings = answer.RootElement.GetProperty("warnings").EnumerateArray();
            Assert.Contains($"block {place.Early} (", Assert.Single(warnings).GetString(), StringComparison.Ordinal);
        }
        using var status = await GetAsync(server, "/api/v1/status/blocks");
        var states = status
            .RootElement.GetProperty("data")
            .GetProperty("blocks")
            .EnumerateArray()
            .ToDictionary(
                block => block.GetProperty("ulid").GetString()!,
                block => block.GetProperty("state").GetString()
            );
        Assert.Equal(("quarantined", "live"), (states[place.Early], states[place.Late]));
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task LostManifest_IsRebuilt_AndAnswersAreTheSame(Form form)
    {
        using var place = await Place.CreateAsync(form, executable, azurite);
        var samples = await place.SamplesAsync();
        Assert.Equal(SeriesCount, samples.Count);
        string before;
        await using (var server = await place.StartAsync())
        {
            before = await server.Http.GetStringAsync($"/api/v1/series?match[]=x&{place.Whole}", Token);
            await CheckAsync(server, place.Whole, SeriesCount);
        }
        await place.LoseManifestAsync();
        Assert.Empty(await place.Blocks.LiveAsync());
        // Nothing of it is garbage.
        var garbage = await place.Blocks.RunAsync("gc", "--yes");
        Assert.Equal(2, garbage.GetProperty("unknownBlocks").GetArrayLength());
        Assert.Equal(1, (await place.Blocks.TryAsync("verify")).ExitCode);
        var plan = await place.Blocks.RunAsync("rebuild-manifest");
        Assert.True(plan.GetProperty("isDryRun").GetBoolean());
        Assert.Equal(
            [place.Early, place.Late],
            plan.GetProperty("blocks").EnumerateArray().Select(ulid => ulid.GetString()).Order(StringComparer.Ordinal)
        );
        Assert.Empty(await place.Blocks.LiveAsync());
        await using (var server = await place.StartAsync())
        {
            await CheckAsync(server, place.Whole, 0);
            await place.Blocks.RunAsync("rebuild-manifest", "--yes");
            Assert.Equal(before, await server.Http.GetStringAsync($"/api/v1/series?match[]=x&{place.Whole}", Token));
        }
        Assert.Equal(samples, await place.SamplesAsync());
        Assert.Empty(Problems(await place.Blocks.RunAsync("verify")));
        var again = await place.Blocks.RunAsync("import", place.Data);
        Assert.All(again.EnumerateArray(), one => Assert.Equal("alreadyThere", one.GetProperty("outcome").GetString()));
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task CommandLine_ListsInspectsDownloadsAndCollectsGarbage(Form form)
    {
        using var place = await Place.CreateAsync(form, executable, azurite);
        foreach (var block in await place.Blocks.LiveAsync())
        {
            var ulid = block.GetProperty("ulid").GetString()!;
            var found = await place.Blocks.RunAsync("inspect", ulid);
            Assert.Equal(ulid, found.GetProperty("meta").GetProperty("ulid").GetString());
            Assert.Equal(SeriesCount, block.GetProperty("numSeries").GetInt32());
            Assert.Equal(
                ["chunks/000001", "index", "meta.json"],
                found.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString())
            );
            var target = place.Folder.Folder("copies");
            Assert.False((await place.Blocks.RunAsync("download", ulid, target)).GetProperty("wasThere").GetBoolean());
            Assert.True((await place.Blocks.RunAsync("download", ulid, target)).GetProperty("wasThere").GetBoolean());
            foreach (var file in (string[])["chunks/000001", "index", "meta.json"])
            {
                var stored = await place.ReadAsync($"{BlockPaths.Container}{ulid}/{file}");
                Assert.Equal(stored, await File.ReadAllBytesAsync(Path.Combine(target, ulid, file), Token));
            }
        }
        Assert.Empty(Problems(await place.Blocks.RunAsync("verify")));
        var garbage = await place.Blocks.RunAsync("gc", "--yes");
        Assert.Equal(0, garbage.GetProperty("blocks").GetInt32());
        var compacted = await place.Blocks.RunAsync("compact");
        Assert.Equal(0, compacted.GetProperty("made").GetArrayLength());
        Assert.Equal(2, (await place.Blocks.LiveAsync()).Count);
        Assert.Equal(SeriesCount, (await place.SamplesAsync()).Count);
    }

    private static List<string> Problems(JsonElement verdicts) =>
        [
            .. verdicts
                .EnumerateArray()
                .SelectMany(verdict => verdict.GetProperty("problems").EnumerateArray())
                .Select(problem => problem.GetString()!),
        ];

    private static async Task CheckAsync(TributaryInstance server, string range, int count)
    {
        var (series, warnings) = await SeriesAsync(server, range);
        Assert.Equal(count, series.Count);
        Assert.Empty(warnings);
    }

    private static async Task<(List<string> Series, List<string> Warnings)> SeriesAsync(
        TributaryInstance server,
        string range
    )
    {
        using var answer = await GetAsync(server, $"/api/v1/series?match[]=x&{range}");
        var warnings = answer.RootElement.TryGetProperty("warnings", out var found)
            ? found.EnumerateArray().Select(warning => warning.GetString()!)
            : [];
        var data = answer.RootElement.GetProperty("data").EnumerateArray();
        return ([.. data.Select(series => series.GetRawText())], [.. warnings]);
    }

    private static async Task<JsonDocument> GetAsync(TributaryInstance server, string path)
    {
        using var answer = await server.Http.GetAsync(path, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}\n{server.Log}");
        return JsonDocument.Parse(text);
    }

    /// <summary>A storage with two blocks of two hours that Prometheus' tool wrote.</summary>
    private sealed class Place : IDisposable
    {
        private readonly Installation installation;
        private readonly long start;

        private Place(Installation installation)
        {
            this.installation = installation;
            start = PrometheusBlocks.Start();
            Blocks = new BlocksCommandLine(installation.Executable, installation.Storage);
        }

        public BlocksCommandLine Blocks { get; }

        public TemporaryFolder Folder => installation.Folder;

        public string Data => Path.Combine(Folder.Path, "prometheus");

        public string Early { get; private set; } = "";

        public string Late { get; private set; } = "";

        public string EarlyRange => Range(0, 1);

        public string LateRange => Range(1, 2);

        public string Whole => Range(0, 2);

        /// <summary>The end of the last block, in seconds.</summary>
        public long End => start + (2 * WindowSeconds) - 1;

        public static async Task<Place> CreateAsync(Form form, TributaryExecutable executable, AzuriteFixture azurite)
        {
            var place = new Place(await Installation.CreateAsync(form, executable, azurite));
            try
            {
                await place.FillAsync();
                return place;
            }
            catch
            {
                place.Dispose();
                throw;
            }
        }

        public Task<TributaryInstance> StartAsync() => installation.StartAsync("scrape_configs: []");

        public Task<IReadOnlyList<string>> SamplesAsync() =>
            QueryAnswer.OfStorageAsync(
                installation.Storage,
                "x",
                TimeSpan.FromHours(4),
                DateTimeOffset.FromUnixTimeSeconds(start + (2 * WindowSeconds))
            );

        public async Task<byte[]> ReadAsync(string blob)
        {
            var blobs = StoredLog.Open(installation.Storage);
            var bytes = new byte[(await blobs.GetInfoAsync(blob, Token))!.LengthBytes];
            Assert.Equal(bytes.Length, await blobs.ReadAsync(blob, 0, bytes, ifMatch: null, Token));
            return bytes;
        }

        public Task<BlobInfo> WriteAsync(string blob, byte[] bytes) =>
            StoredLog.Open(installation.Storage).WriteAsync(blob, bytes, WriteCondition.None, Token);

        /// <summary>Every row of the manifest's table goes.</summary>
        public async Task LoseManifestAsync()
        {
            var tables = StoredBlocks.Tables(installation.Storage);
            var partition = (await new ManifestReader(tables).ReloadAsync(Token)).Partition;
            foreach (var one in (string[])[partition, ManifestKeys.PointerPartition])
            {
                var rows = new List<TableRow>();
                await foreach (var row in tables.QueryAsync(ManifestKeys.Table, one, from: null, to: null, Token))
                {
                    rows.Add(row);
                }
                foreach (var row in rows)
                {
                    TableWrite[] delete = [new(TableAction.Delete, row.Row)];
                    await tables.CommitAsync(ManifestKeys.Table, one, delete, Token);
                }
            }
        }

        public void Dispose() => installation.Dispose();

        private string Range(int from, int to) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"start={start + (from * WindowSeconds)}&end={start + (to * WindowSeconds) - 1}"
            );

        private async Task FillAsync()
        {
            await PrometheusBlocks.MakeAsync(Folder, Data, start);
            await Blocks.RunAsync("import", Data);
            var live = await Blocks.LiveAsync();
            Assert.Equal(2, live.Count);
            (Early, Late) = (live[0].GetProperty("ulid").GetString()!, live[1].GetProperty("ulid").GetString()!);
        }
    }
}
