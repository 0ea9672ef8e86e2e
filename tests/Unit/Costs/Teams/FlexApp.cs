using System.Text;
using Tributary.Costs;
using Tributary.Functions.CommandLine;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>
/// A function app on Flex Consumption in virtual time: each timer function has an instance of its own, all HTTP functions
/// share one; instances come when they are called, stay for minutes and are replaced now and then. What is billed is counted.
/// </summary>
internal sealed class FlexApp : IAsyncDisposable
{
    private const long RangeMs = 15 * 60 * 1000;

    private readonly ReferenceTeam team;
    private readonly FlexLogs logs;
    private readonly SimulatedStorage storage;
    private readonly Dictionary<string, FlexProcess> instances = new(StringComparer.Ordinal);
    private readonly Settings settings;

    public FlexApp(ReferenceTeam team, FlexLogs logs, ManualTime time)
    {
        (this.team, this.logs, Time) = (team, logs, time);
        storage = new SimulatedStorage(time);
        var host = new FunctionsHost(7123, IsLocal: true, TimeSpan.FromMinutes(4));
        settings = new Settings
        {
            Config = "blob:config/tributary.yml",
            Storage = "UseDevelopmentStorage=true",
            Listen = host.Listen,
            Host = host,
            SharedJobs = SharedJobSetting.Resolve(name =>
                !team.IsShared ? null
                : name == SharedJobSetting.Variable ? "Evaluate"
                : name == "TRIBUTARY_EVALUATE_SCHEDULE" ? "0 * * * * *"
                : name == SharedJobSetting.DisablingOf("Evaluate") ? "true"
                : null
            ),
        };
    }

    public ManualTime Time { get; }

    /// <summary>By function; HTTP functions together are <c>http</c>.</summary>
    public Dictionary<string, FlexTally> Tallies { get; } = new(StringComparer.Ordinal);

    /// <summary>Puts a file of the configuration into the store.</summary>
    public Task PutAsync(string name, string text) =>
        storage
            .ImmediateBlobs()
            .WriteAsync(name, Encoding.UTF8.GetBytes(text), default, TestContext.Current.CancellationToken);

    /// <summary>The host's timer calls a function.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="every">Its schedule.</param>
    /// <param name="takes">How long it takes.</param>
    public async Task CallAsync(string function, TimeSpan every, TimeSpan takes)
    {
        var (instance, tally, isCold) = Of(function);
        var outcome = await instance
            .CallAsync(function)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(outcome.HasFailed, outcome.Text);
        Note(instance, tally, takes + (isCold ? FlexHost.ColdStart : TimeSpan.Zero));
        tally.Invocations++;
        tally.LogBytes += logs.RecordsOf(function, hasLog: true) * FlexHost.RecordBytes;
        if (every >= FlexHost.MonitoredFrom)
        {
            FlexHost.Count(tally.Host, OperationClass.BlobWrite, 1);
        }
    }

    /// <summary>A dashboard asks all its queries at once, over the last quarter of an hour.</summary>
    public async Task AskAsync(IReadOnlyList<string> queries, int answerBytes)
    {
        var (instance, tally, isCold) = Of("http");
        var endMs = Time.GetUtcNow().ToUnixTimeMilliseconds() / 60_000 * 60_000;
        foreach (var query in queries)
        {
            var found = await instance.AskAsync(query, endMs - RangeMs, endMs, TestContext.Current.CancellationToken);
            Assert.True(found > 0, query);
        }
        // At once: one period of activity.
        Note(instance, tally, isCold ? FlexHost.ColdStart : TimeSpan.FromSeconds(1));
        tally.Invocations += queries.Count;
        tally.LogBytes += queries.Count * logs.RecordsOf("Api", hasLog: false) * FlexHost.RecordBytes;
        tally.BytesSent += (long)queries.Count * answerBytes;
    }

    /// <summary>What lies in blobs.</summary>
    public async Task<long> StoredBytesAsync(string prefix)
    {
        var bytes = 0L;
        await foreach (var blob in storage.ImmediateBlobs().ListAsync(prefix, TestContext.Current.CancellationToken))
        {
            bytes += blob.LengthBytes;
        }
        return bytes;
    }

    /// <summary>All that is billed but what is stored.</summary>
    public Usage UsageOf(string function) =>
        Tallies.TryGetValue(function, out var tally) ? tally.Usage(team.InstanceMb) : Usage.None;

    /// <summary>The day is over: what still lives is counted up to now.</summary>
    public void End()
    {
        foreach (var (function, instance) in instances.ToList())
        {
            Retire(function, instance);
        }
        if (Tallies.TryGetValue("Collect", out var collect) && team.IsReady)
        {
            collect.ReadyMs = (long)(Time.GetUtcNow() - Began).TotalMilliseconds;
        }
    }

    /// <summary>When the day began.</summary>
    public DateTimeOffset Began { get; init; }

    public ValueTask DisposeAsync()
    {
        foreach (var instance in instances.Values)
        {
            instance.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private static void Note(FlexProcess instance, FlexTally tally, TimeSpan takes)
    {
        var counts = instance.TakeCounts();
        tally.Product += counts;
        tally.Last.Add(counts);
        tally.BilledMs += BilledTime.Of(takes);
    }

    private (FlexProcess Instance, FlexTally Tally, bool IsCold) Of(string function)
    {
        var now = Time.GetUtcNow();
        if (!Tallies.TryGetValue(function, out var tally))
        {
            Tallies.Add(function, tally = new FlexTally());
        }
        if (instances.TryGetValue(function, out var instance))
        {
            if (now - instance.LastUsed <= FlexHost.Idle && now - instance.Started < FlexHost.Life)
            {
                instance.LastUsed = now;
                return (instance, tally, false);
            }
            Retire(function, instance);
        }
        instance = new FlexProcess(storage, Time, settings, now);
        instances[function] = instance;
        tally.Starts++;
        FlexHost.Count(tally.Host, OperationClass.BlobRead, FlexHost.StartReads);
        FlexHost.Count(tally.Host, OperationClass.BlobWrite, FlexHost.StartWrites);
        FlexHost.Count(tally.Host, OperationClass.BlobList, FlexHost.StartLists);
        return (instance, tally, true);
    }

    /// <summary>Its leases were renewed as long as it lived.</summary>
    private void Retire(string function, FlexProcess instance)
    {
        var idleUntil = instance.LastUsed + FlexHost.Idle;
        var lived = (idleUntil < Time.GetUtcNow() ? idleUntil : Time.GetUtcNow()) - instance.Started;
        var host = Tallies[function].Host;
        FlexHost.Count(
            host,
            OperationClass.BlobLease,
            lived / (function == "Collect" ? FlexHost.PrimaryRenewal : FlexHost.PrimaryTry)
        );
        if (function != "http")
        {
            FlexHost.Count(host, OperationClass.BlobLease, lived / FlexHost.ListenerRenewal);
        }
        instance.Dispose();
        instances.Remove(function);
    }
}
