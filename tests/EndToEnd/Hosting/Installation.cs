using System.Text;
using Tributary.Stores;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>A place where Tributary runs in one of its forms, again and again: a folder, a storage, and its settings.</summary>
internal sealed class Installation : IDisposable
{
    private const string ConfigFile = "tributary.yml";
    private const string ConfigBlob = "config/tributary.yml";
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

    /// <summary>Environment variables, of an app its settings.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();

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
    public Task<TributaryInstance> StartAsync(string config, string name = ConfigFile) =>
        StartOnAsync(Folder.Write(name, config));

    /// <summary>Starts a server with the configuration that is there.</summary>
    /// <param name="config">A path, or <c>blob:NAME</c>; empty is the built-in configuration.</param>
    public async Task<TributaryInstance> StartOnAsync(string config) =>
        Form == Form.FunctionsAzurite
            ? await HostedTributary.StartAsync(Options(config))
            : await TributaryServer.StartAsync(Executable, Folder.Path, Variables, Arguments(config));

    /// <summary>Starts a server and kills it before it is ready.</summary>
    public async Task DieInStartAsync(string config, TimeSpan after)
    {
        if (Form == Form.FunctionsAzurite)
        {
            await using var host = await FunctionHost.StartAsync(Options(config));
            await Task.Delay(after, TestContext.Current.CancellationToken);
            await host.KillAsync();
            return;
        }
        string[] arguments = ["serve", "--listen", "127.0.0.1:0", .. Arguments(config)];
        await using var process = ChildProcess.Start(Executable, arguments, Folder.Path, Variables);
        await Task.Delay(after, TestContext.Current.CancellationToken);
        await process.KillAsync();
    }

    /// <summary>
    /// Writes a configuration to where it is changed while a server runs: a file, of an app a blob. Readers see the old one
    /// or the new one.
    /// </summary>
    /// <returns>What the setting names.</returns>
    public async Task<string> PutConfigAsync(string text, string name = ConfigFile)
    {
        if (Form == Form.FunctionsAzurite)
        {
            var token = TestContext.Current.CancellationToken;
            var blob = ConfigBlob.Replace(ConfigFile, name, StringComparison.Ordinal);
            await StoredLog.Open(Storage).WriteAsync(blob, Encoding.UTF8.GetBytes(text), WriteCondition.None, token);
            return "blob:" + blob;
        }
        var path = Folder.Write(name + ".fresh", text);
        File.Move(path, Path.Combine(Folder.Path, name), overwrite: true);
        return Path.Combine(Folder.Path, name);
    }

    /// <summary>Deletes it.</summary>
    public async Task DeleteConfigAsync()
    {
        if (Form == Form.FunctionsAzurite)
        {
            var token = TestContext.Current.CancellationToken;
            await StoredLog.Open(Storage).DeleteAsync(ConfigBlob, ifMatch: null, token);
            return;
        }
        File.Delete(Path.Combine(Folder.Path, ConfigFile));
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
    public HostOptions Options(string config, string schedule = CollectEvery)
    {
        var appRoot = Path.GetDirectoryName(Executable)!;
        if (!apps.TryGetValue(config, out var shared))
        {
            apps[config] = shared = new HostStorage();
        }
        var settings = HostedTributary.Settings(appRoot, Storage, config, schedule);
        foreach (var (name, value) in Variables)
        {
            settings[name] = value;
        }
        return new HostOptions
        {
            AppRoot = appRoot,
            Settings = settings,
            Storage = shared,
            Lease = Lease,
        };
    }

    public void Dispose() => Folder.Dispose();

    /// <summary>The folder is where a server stores that is not told where.</summary>
    private string[] Arguments(string config) =>
        [
            .. Form == Form.StandaloneLocal ? Array.Empty<string>() : ["--storage", Storage],
            .. config.Length == 0 ? Array.Empty<string>() : ["--config", config],
        ];
}
