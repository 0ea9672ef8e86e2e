using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>A place where Tributary runs in one of its forms, again and again: a folder, a storage, and its settings.</summary>
internal sealed class Installation : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    /// <summary>As often as the shortest interval of a source in these tests.</summary>
    private const string CollectEvery = "00:00:00.1";

    /// <summary>By configuration: those with one are an app, and of an app one instance at a time collects.</summary>
    private readonly Dictionary<string, HostStorage> apps = new(StringComparer.Ordinal);

    private Installation(Form form, string executable, TemporaryFolder folder, string storage)
    {
        Form = form;
        Executable = executable;
        Folder = folder;
        Storage = storage;
    }

    public Form Form { get; }

    public string Executable { get; }

    /// <summary>Where the configuration is.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>The storage setting.</summary>
    public string Storage { get; }

    /// <summary>Makes an empty one.</summary>
    public static async Task<Installation> CreateAsync(
        Form form,
        TributaryExecutable executable,
        AzuriteFixture azurite
    )
    {
        var path = await executable.PathAsync();
        var account = form == Form.StandaloneLocal ? null : await azurite.FreshConnectionStringAsync();
        var folder = new TemporaryFolder();
        return new Installation(form, path, folder, account ?? $"local:{folder.Folder("data")}");
    }

    /// <summary>Starts a server with a configuration.</summary>
    public Task<TributaryInstance> StartAsync(string config, string name = "tributary.yml") =>
        StartOnAsync(Folder.Write(name, config));

    /// <summary>Starts a server with the configuration that is there.</summary>
    public async Task<TributaryInstance> StartOnAsync(string configFile) =>
        Form == Form.FunctionsAzurite
            ? await HostedTributary.StartAsync(Options(configFile))
            : await TributaryServer.StartAsync(Executable, Folder.Path, "--storage", Storage, "--config", configFile);

    /// <summary>Starts a server and kills it before it is ready.</summary>
    public async Task DieInStartAsync(string configFile, TimeSpan after)
    {
        if (Form == Form.FunctionsAzurite)
        {
            await using var host = await FunctionHost.StartAsync(Options(configFile));
            await Task.Delay(after, TestContext.Current.CancellationToken);
            await host.KillAsync();
            return;
        }
        string[] arguments = ["serve", "--listen", "127.0.0.1:0", "--storage", Storage, "--config", configFile];
        await using var process = ChildProcess.Start(Executable, arguments, Folder.Path);
        await Task.Delay(after, TestContext.Current.CancellationToken);
        await process.KillAsync();
    }

    /// <summary>Checks every byte of the log as an operator does.</summary>
    public async Task VerifyLogAsync()
    {
        string[] arguments = ["log", "verify", "--storage", Storage];
        var (code, output, errors) = await ChildProcess.RunAsync(Executable, arguments, Folder.Path);
        Assert.True(code == 0, $"log verify ended with {code}:\n{output}\n{errors}");
    }

    /// <summary>What the log holds.</summary>
    public Task<StoredLog> ReadLogAsync() => StoredLog.ReadAsync(Storage);

    /// <summary>The app with a configuration, as an instance of the host would run it.</summary>
    public HostOptions Options(string configFile, string schedule = CollectEvery)
    {
        var appRoot = Path.GetDirectoryName(Executable)!;
        if (!apps.TryGetValue(configFile, out var shared))
        {
            apps[configFile] = shared = new HostStorage();
        }
        return new HostOptions
        {
            AppRoot = appRoot,
            Settings = HostedTributary.Settings(appRoot, Storage, configFile, schedule),
            Storage = shared,
            Lease = Lease,
        };
    }

    public void Dispose() => Folder.Dispose();
}
