using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Stores;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Functions;

/// <summary>A store, a clock that the test moves, one source, and any number of processes behind Functions hosts.</summary>
internal sealed class FunctionsPlace : IAsyncDisposable
{
    private const string ConfigBlob = "config/tributary.yml";
    private readonly List<IDisposable> held = [];
    private TestServer? source;
    private string yaml = "";
    private int asked;

    private FunctionsPlace()
    {
        var storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
        Tables = storage.ImmediateTables();
    }

    public ManualTime Time { get; } = new(LogBatches.NoonMs);

    public ScriptedBlobs Blobs { get; }

    public ITableStore Tables { get; }

    /// <summary>Answers the source.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => TestServer.AnswerAsync(context, 200, "m 1\n");

    /// <summary>How often the source was asked.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>What the processes have logged.</summary>
    public List<string> Lines { get; } = [];

    public static async Task<FunctionsPlace> StartAsync(string interval = "1m", string timeout = "10s")
    {
        var place = new FunctionsPlace();
        place.source = await TestServer.StartAsync(context =>
        {
            Interlocked.Increment(ref place.asked);
            return place.Answer(context);
        });
        place.yaml = $$"""
            global: { scrape_interval: {{interval}}, scrape_timeout: {{timeout}} }
            scrape_configs:
              - job_name: a
                static_configs: [{ targets: ['127.0.0.1:{{place.source.Port}}'], labels: { instance: a } }]
            """;
        await place.WriteConfigAsync(place.yaml);
        return place;
    }

    public Task WriteConfigAsync(string yaml) =>
        Blobs.WriteAsync(ConfigBlob, Encoding.UTF8.GetBytes(yaml), default, TestContext.Current.CancellationToken);

    /// <summary>Adds a group with one rule to the configuration.</summary>
    public async Task AddRulesAsync()
    {
        await Blobs.WriteAsync(
            "config/rules.yml",
            "groups: [{ name: g, interval: 1m, rules: [{ record: r, expr: m }] }]\n"u8.ToArray(),
            default,
            TestContext.Current.CancellationToken
        );
        await WriteConfigAsync($"rule_files: [rules.yml]\n{yaml}");
    }

    /// <summary>A process of its own over the same store.</summary>
    /// <param name="environment">Further app settings.</param>
    public (CollectorServer Collector, CollectInvocation Collect, Freshness Fresh) Start(
        params (string Name, string Value)[] environment
    )
    {
        var host = new FunctionsHost(7123, IsLocal: true, TimeSpan.FromMinutes(4));
        var settings = new Settings
        {
            Config = "blob:" + ConfigBlob,
            Storage = "UseDevelopmentStorage=true",
            Listen = host.Listen,
            Host = host,
            SharedJobs = SharedJobSetting.Resolve(name => Array.Find(environment, one => one.Name == name).Value),
        };
        var logs = new ConsoleLoggerFactory(
            line =>
            {
                lock (Lines)
                {
                    Lines.Add(line);
                }
            },
            Time
        );
        var logger = logs.CreateLogger("Tributary");
        var collector = new CollectorServer(settings, Blobs, Tables, Time);
        var reload = new ConfigReload(settings, collector, Time, logger);
        reload.ServeAt(new Uri("http://127.0.0.1:7123/"));
        held.AddRange([collector, reload, logs]);
        var runner = new JobRunner(collector.Failures, logger);
        var discover = new DiscoverLoop(collector.Discover, collector.Watch, runner, logger);
        var fresh = new Freshness(collector, reload, discover, runner, Time);
        var evaluate = new EvaluateInvocation(collector, fresh, runner, host.Deadline, Time);
        var collect = new CollectInvocation(collector, fresh, runner, host.Deadline, Time)
        {
            Shared = new SharedJobs(
                [.. settings.SharedJobs.Select(job => new SharedJob(job.Name, job.Schedule, evaluate.RunAsync))],
                Time
            ),
        };
        return (collector, collect, fresh);
    }

    /// <summary>The store refuses an operation.</summary>
    public void Refuse(string operation) =>
        Blobs.OnCall = (called, _, effect) =>
            called == operation ? throw ScriptedBlobs.Error(StoreError.Denied) : effect();

    /// <summary>The store does everything.</summary>
    public void RefuseNothing() => Blobs.OnCall = (_, _, effect) => effect();

    public async ValueTask DisposeAsync()
    {
        held.ForEach(item => item.Dispose());
        await source!.DisposeAsync();
    }
}
