using System.Net;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>Tributary as a function app: one instance of the host's double, on which all functions run.</summary>
internal sealed class HostedTributary : TributaryInstance
{
    public const string Collect = "Collect";

    private HostedTributary(FunctionHost host)
        : base(host.Address) => Host = host;

    public FunctionHost Host { get; }

    public override ChildProcess Process => Host.Handler;

    public override string Log => Host.Log;

    /// <summary>The settings of an app on a storage account with a configuration of its own.</summary>
    /// <param name="appRoot">The published folder.</param>
    /// <param name="storage">The connection string.</param>
    /// <param name="config">Where the configuration is.</param>
    /// <param name="schedule">When Collect is called; a time between calls is what an App Service plan takes.</param>
    public static Dictionary<string, string> Settings(string appRoot, string storage, string config, string schedule)
    {
        var settings = AppSettings.OfSample(storage);
        settings["TRIBUTARY_CONFIG"] = config;
        settings[ScheduleSetting(appRoot)] = schedule;
        return settings;
    }

    /// <summary>Starts an instance and waits until it serves.</summary>
    public static async Task<HostedTributary> StartAsync(HostOptions options)
    {
        var host = await FunctionHost.StartAsync(options);
        try
        {
            var tributary = new HostedTributary(host);
            await Patience.UntilAsync("the app to be ready", tributary.IsReadyAsync, () => host.Log);
            return tributary;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The host has no other way to end a handler.</summary>
    public override Task StopAsync() => KillAsync();

    public override async Task KillAsync() => await Host.KillAsync();

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>The app setting that Collect's <c>function.json</c> names.</summary>
    private static string ScheduleSetting(string appRoot)
    {
        var file = Path.Combine(appRoot, Collect, "function.json");
        var schedule = Json.At(Json.Object(file), "bindings")?[0]?["schedule"]?.ToString() ?? "";
        Assert.True(schedule is ['%', .., '%'], $"{file}: '{schedule}' is not an app setting");
        return schedule[1..^1];
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.True(Host.IsRunning, Host.Log);
        using var answer = await Http.GetAsync("/-/ready", TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
