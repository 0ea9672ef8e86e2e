using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Functions;

public sealed class ConfigReloadTests
{
    private const string Blob = "config/tributary.yml";
    private const string Good = "global: {scrape_interval: 15s}\n";

    private readonly CollectPlace place = new();

    [Theory]
    [InlineData(null)]
    [InlineData("global: {scrape_intervall: 15s}\n")]
    [InlineData("scrape_config_files: [\n")]
    public async Task Watch_WhatWasRefused_IsTakenAgainAsItWasBefore(string? bad)
    {
        var settings = Settings.Resolve(new CommandOptions(Config: $"blob:{Blob}"), _ => null, _ => false);
        using var collector = new CollectorServer(settings, place.Blobs, place.Tables, place.Time);
        using var reload = new ConfigReload(settings, collector, place.Time, NullLogger.Instance);
        var runner = new JobRunner(collector.Failures, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var status = collector.View(reload.ReloadAsync).Runtime;
        await WriteAsync(Good);
        reload.Apply((await reload.LoadFirstAsync(stop.Token))!, new Uri("http://127.0.0.1:1/"));
        Assert.True(status().Config.IsLastReloadSuccessful);

        if (bad is null)
        {
            place.Blobs.OnCall = (_, _, _) => throw ScriptedBlobs.Error(StoreError.Unknown);
        }
        else
        {
            await WriteAsync(bad);
        }
        Assert.NotNull(await reload.ReloadAsync(stop.Token));
        Assert.False(status().Config.IsLastReloadSuccessful);

        place.Blobs.OnCall = (_, _, effect) => effect();
        await WriteAsync(Good);
        var watching = reload.WatchAsync(runner, stop.Token);
        await CollectPlace.UntilAsync(() =>
        {
            place.Time.Advance(TimeSpan.FromSeconds(15));
            return status().Config.IsLastReloadSuccessful;
        });
        await stop.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task Look_ChangedFileOfRules_IsTaken_AndABrokenOneIsNot()
    {
        const string Rules = "config/rules/a.yml";
        var settings = Settings.Resolve(new CommandOptions(Config: $"blob:{Blob}"), _ => null, _ => false);
        using var collector = new CollectorServer(settings, place.Blobs, place.Tables, place.Time);
        using var reload = new ConfigReload(settings, collector, place.Time, NullLogger.Instance);
        var token = TestContext.Current.CancellationToken;
        await WriteAsync("rule_files: [rules/*.yml]\n");
        await WriteAsync("groups: [{name: one}]\n", Rules);
        reload.Apply((await reload.LoadFirstAsync(token))!, new Uri("http://127.0.0.1:1/"));
        Assert.Equal(["one"], collector.Config.RuleGroups.Select(group => group.Name));
        await WriteAsync("groups: [{name: two}]\n", Rules);
        Assert.Null(await reload.LookAsync(token));
        Assert.Equal(["two"], collector.Config.RuleGroups.Select(group => group.Name));
        await WriteAsync("groups: [{name: }]\n", Rules);
        Assert.Contains("name is missing", await reload.LookAsync(token), StringComparison.Ordinal);
        Assert.Equal(["two"], collector.Config.RuleGroups.Select(group => group.Name));
    }

    [Fact]
    public async Task Look_AtWhatDidNotChange_AsksForETagsOnly()
    {
        var settings = Settings.Resolve(new CommandOptions(Config: $"blob:{Blob}"), _ => null, _ => false);
        using var collector = new CollectorServer(settings, place.Blobs, place.Tables, place.Time);
        using var reload = new ConfigReload(settings, collector, place.Time, NullLogger.Instance);
        var token = TestContext.Current.CancellationToken;
        await WriteAsync("rule_files: [a.yml, more/*.yml]\n");
        await WriteAsync("groups: [{name: one}]\n", "config/a.yml");
        reload.Apply((await reload.LoadFirstAsync(token))!, new Uri("http://127.0.0.1:1/"));
        // The first look reads what the configuration names; the second knows it.
        Assert.Null(await reload.LookAsync(token));
        Assert.Null(await reload.LookAsync(token));
        place.Blobs.Calls.Clear();
        Assert.Null(await reload.LookAsync(token));
        Assert.Equal(["info config/tributary.yml", "info config/a.yml", "list config/more/"], place.Blobs.Calls);
        await WriteAsync("groups: [{name: two}]\n", "config/more/b.yml");
        Assert.Null(await reload.LookAsync(token));
        Assert.Equal(["one", "two"], collector.Config.RuleGroups.Select(group => group.Name));
    }

    private Task<BlobInfo> WriteAsync(string text, string blob = Blob) =>
        place.Blobs.WriteAsync(blob, Encoding.UTF8.GetBytes(text), WriteCondition.None, CancellationToken.None);
}
