using System.Net;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>The admin API of a server that collects, in each way to run.</summary>
public sealed class AdminApiTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Token = "a-token-of-the-test";
    private const string Admin = "/api/v1/admin/tsdb/";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Deleted_IsGoneFromEveryAnswer_AndFromSnapshots_AndStaysGone(Form form)
    {
        var isGone = false;
        await using var source = await FakeSource.StartAsync(_ =>
            (isGone ? "" : "secret_total 1\n") + "kept_total 2\n"
        );
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var config = ConfigOf(source);
        await using (var server = await StartAsync(installation, config))
        {
            await Patience.UntilAsync(
                "the series to be there",
                async () => (await server.FederateAsync("{__name__=~\".*_total\"}")).Count == 2,
                () => server.Log
            );
            isGone = true;
            await Patience.UntilAsync(
                "the series to have ended",
                async () => (await server.FederateAsync("secret_total")).Count == 0,
                () => server.Log
            );
            Assert.Contains("secret_total", await NamesAsync(server), StringComparer.Ordinal);

            Assert.Equal(
                HttpStatusCode.NoContent,
                (await SendAsync(server, "delete_series?match[]=secret_total")).Status
            );
            Assert.DoesNotContain("secret_total", await NamesAsync(server), StringComparer.Ordinal);
            Assert.Single(await server.FederateAsync("kept_total"));
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, "clean_tombstones")).Status);
            await AssertSnapshotAsync(server, installation);
        }
        // Another process, which reads the log from its beginning.
        await using (var second = await StartAsync(installation, config))
        {
            await Patience.UntilAsync(
                "the other series to be there",
                async () => (await second.FederateAsync("kept_total")).Count == 1,
                () => second.Log
            );
            Assert.DoesNotContain("secret_total", await NamesAsync(second), StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task AdminApi_IsOffByDefault(Form form)
    {
        await using var source = await FakeSource.StartAsync(_ => "m 1\n");
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var server = await StartAsync(
            installation,
            ConfigOf(source).Replace("enable_admin_api: true", "enable_admin_api: false", StringComparison.Ordinal)
        );
        var (status, text) = await SendAsync(server, "delete_series?match[]=m");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("admin APIs disabled", text, StringComparison.Ordinal);
        server.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(server, "snapshot")).Status);
    }

    private static string ConfigOf(FakeSource source) =>
        $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: app
                static_configs: [{targets: ["{{source.Authority}}"]}]
            tributary:
              web:
                enable_admin_api: true
                bearer_tokens: ["{{Token}}"]
            """;

    private static async Task<TributaryInstance> StartAsync(Installation installation, string config)
    {
        var server = await installation.StartAsync(config);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return server;
    }

    /// <summary>The names of all series.</summary>
    private static async Task<List<string>> NamesAsync(TributaryInstance server)
    {
        var names = new List<string>();
        foreach (var path in new[] { "/api/v1/series?match[]={job=\"app\"}", "/api/v1/label/__name__/values" })
        {
            using var document = JsonDocument.Parse(await server.Http.GetStringAsync(path, Stop));
            foreach (var item in document.RootElement.GetProperty("data").EnumerateArray())
            {
                names.Add(
                    item.ValueKind == JsonValueKind.String
                        ? item.GetString()!
                        : item.GetProperty("__name__").GetString()!
                );
            }
        }
        return names;
    }

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(TributaryInstance server, string path)
    {
        using var answer = await server.Http.PostAsync(Admin + path, content: null, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>A snapshot is a data directory that Prometheus' tool reads, without what was deleted.</summary>
    private static async Task AssertSnapshotAsync(TributaryInstance server, Installation installation)
    {
        var (status, text) = await SendAsync(server, "snapshot");
        Assert.True(status == HttpStatusCode.OK, $"{text}\n{server.Log}");
        using var document = JsonDocument.Parse(text);
        var name = document.RootElement.GetProperty("data").GetProperty("name").GetString();
        var folder = installation.Folder.Folder("snapshot");
        var blobs = StoredLog.Open(installation.Storage);
        var prefix = $"snapshots/{name}/";
        await foreach (var blob in blobs.ListAsync(prefix, Stop))
        {
            var path = Path.Combine(folder, blob.Name[prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var bytes = new byte[blob.LengthBytes];
            await blobs.ReadAsync(blob.Name, 0, bytes, null, Stop);
            await File.WriteAllBytesAsync(path, bytes, Stop);
        }
        var promtool = Requirement.Program("promtool", "prometheus");
        var (code, output, errors) = await ChildProcess.RunAsync(promtool, ["tsdb", "dump", folder], folder);
        Assert.True(code == 0, errors);
        Assert.Contains("__name__=\"kept_total\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret_total", output, StringComparison.Ordinal);
    }
}
