using System.Text.Json;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary><c>tributary doctor</c> beside a server that collects, on a folder and on Azurite.</summary>
public sealed class DoctorTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task Doctor_BesideAServer_FindsItHealthyAndChangesNothing(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FakeSource.StartAsync(_ => "m 1\n");
        var config = $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs: [{ job_name: fake, static_configs: [{ targets: ['{{source.Authority}}'] }] }]
            """;
        await using var server = await installation.StartAsync(config);
        await Patience.ForAsync(
            "a sample",
            async () => await server.FederateAsync("m") is { Count: > 0 } found ? found : null,
            () => server.Log
        );
        await Patience.UntilAsync(
            "what is remembered of the source",
            async () =>
            {
                var ledger = new SourceLedger(TablesOf(installation.Storage));
                await ledger.LoadAsync(Token);
                return ledger.All.Count > 0;
            },
            () => server.Log
        );
        var before = await NamesAsync(installation.Storage);
        var (code, answer, output) = await DoctorAsync(installation);
        Assert.True(code == 0, output);
        Assert.Equal(0, answer.GetProperty("failure").GetInt32() + answer.GetProperty("warning").GetInt32());
        Assert.Contains("blobs can be written, read, listed, leased", output, StringComparison.Ordinal);
        Assert.Contains("rows can be inserted, read, queried", output, StringComparison.Ordinal);
        Assert.Contains($"fake, {source.Authority}: answers", output, StringComparison.Ordinal);
        Assert.Contains("sources were collected last at", output, StringComparison.Ordinal);
        Assert.Equal(before, await NamesAsync(installation.Storage));
        await server.StopAsync();
        await installation.VerifyLogAsync();
    }

    [Fact]
    public async Task Doctor_SourceThatIsDown_EndsWith1AndNamesIt()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        installation.Folder.Write(
            "tributary.yml",
            "scrape_configs: [{job_name: gone, static_configs: [{targets: ['127.0.0.1:1']}]}]"
        );
        var (code, answer, output) = await DoctorAsync(installation);
        Assert.Equal(1, code);
        Assert.Equal(1, answer.GetProperty("failure").GetInt32());
        Assert.Contains("gone, 127.0.0.1:1: no connection", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_Interrupted_EndsAndSaysWhatItFound()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        using var asked = new SemaphoreSlim(0);
        using var over = new ManualResetEventSlim();
        await using var source = await FakeSource.StartAsync(_ =>
        {
            asked.Release();
            over.Wait(TimeSpan.FromSeconds(60), CancellationToken.None);
            return "m 1\n";
        });
        installation.Folder.Write(
            "tributary.yml",
            $"scrape_configs: [{{job_name: slow, scrape_interval: 1m, scrape_timeout: 1m, static_configs: [{{targets: ['{source.Authority}']}}]}}]"
        );
        await using var doctor = ChildProcess.Start(installation.Executable, ["doctor"], installation.Folder.Path);
        Assert.True(await asked.WaitAsync(Limit, Token), doctor.Output);
        // SIGINT may be ignored where tests run in the background; both are handled alike.
        doctor.Signal(ChildProcess.Terminate);
        try
        {
            Assert.Equal(0, await doctor.ExitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("skipped   stopped", doctor.Output, StringComparison.Ordinal);
        }
        finally
        {
            over.Set();
        }
    }

    private static async Task<(int Code, JsonElement Answer, string Output)> DoctorAsync(Installation installation)
    {
        string[] arguments = ["doctor", "--json", "--storage", installation.Storage];
        var (code, output, errors) = await ChildProcess.RunAsync(
            installation.Executable,
            arguments,
            installation.Folder.Path,
            Limit
        );
        Assert.True(output.StartsWith('{'), $"{code}: {output}{errors}");
        using var document = JsonDocument.Parse(output);
        return (code, document.RootElement.Clone(), output);
    }

    private static ITableStore TablesOf(string storage) =>
        StorageSetting.Parse(storage) is LocalFolder folder
            ? new LocalTableStore(folder.Path, TimeProvider.System)
            : new AzureTableStore(AzureAccount.Parse(storage), TimeProvider.System);

    /// <summary>Everything that is in a store, by name.</summary>
    private static async Task<List<string>> NamesAsync(string storage)
    {
        var names = new List<string>();
        if (StorageSetting.Parse(storage) is LocalFolder folder)
        {
            names.AddRange(Directory.EnumerateDirectories(folder.Path).Select(path => Path.GetFileName(path)));
        }
        else
        {
            var account = AzureAccount.Parse(storage);
            names.AddRange(await new AzureBlobStore(account, TimeProvider.System).ListContainersAsync("", Token));
            names.AddRange(await new AzureTableStore(account, TimeProvider.System).ListTablesAsync("", Token));
        }
        await foreach (var blob in StoredLog.Open(storage).ListAsync("", Token))
        {
            names.Add(blob.Name);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
