using System.Diagnostics;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// <c>tributary blocks compact</c>, killed at any moment of its work: each time over another copy of the same log, whose
/// windows give several blocks of level 1 and several merges.
/// </summary>
internal sealed class KilledCompaction
{
    private const int Kills = 20;
    private const int MinKills = 3;
    private const int SeriesCount = 20;
    private const string TimeWindow = "storage: {tsdb: {out_of_order_time_window: 2d}}";

    private static readonly TimeSpan First = TimeSpan.FromHours(16);
    private static readonly TimeSpan Last = TimeSpan.FromMinutes(140);

    /// <summary>A window's log becomes blocks so long after its end.</summary>
    private static readonly TimeSpan Due = TimeSpan.FromMinutes(15);

    private readonly string executable;
    private readonly TemporaryFolder folder;
    private readonly Dictionary<string, byte[]> log;
    private readonly IReadOnlyList<string> expected;
    private int copies;

    private KilledCompaction(
        string executable,
        TemporaryFolder folder,
        Dictionary<string, byte[]> log,
        IReadOnlyList<string> expected
    )
    {
        this.executable = executable;
        this.folder = folder;
        this.log = log;
        this.expected = expected;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="executable">The program.</param>
    /// <param name="azurite">Null: the stores are folders.</param>
    /// <param name="seed">Of the moments.</param>
    public static async Task RunAsync(TributaryExecutable executable, AzuriteFixture? azurite, int seed)
    {
        using var folder = new TemporaryFolder();
        var killed = await CollectAsync(await executable.PathAsync(), folder);
        var random = new Random(seed);
        // One that is let alone shows how long it takes, and that the log gives what it should.
        var whole = await killed.StoreAsync(azurite);
        var started = Stopwatch.GetTimestamp();
        var (code, output, errors) = await ChildProcess.RunAsync(killed.executable, Arguments(whole), folder.Path);
        var longest = Stopwatch.GetElapsedTime(started);
        Assert.True(code == 0, errors);
        Assert.DoesNotContain(" 0 of blocks", output, StringComparison.Ordinal);
        await killed.CheckAsync(whole);
        var died = 0;
        for (var kill = 0; kill < TestScale.Of(Kills, MinKills); kill++)
        {
            var storage = await killed.StoreAsync(azurite);
            var moment = longest * random.NextDouble();
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, kill {kill} after {moment} of {longest}");
            await using (var child = ChildProcess.Start(killed.executable, Arguments(storage), folder.Path))
            {
                await Task.Delay(moment, Token);
                died += child.HasExited ? 0 : 1;
                await child.KillAsync();
            }
            await killed.CompactAsync(storage);
            await killed.CheckAsync(storage);
        }
        Assert.True(died > 0, "each was ready before it was killed");
    }

    private static string[] Arguments(string storage) => ["blocks", "compact", "--storage", storage];

    /// <summary>Has a server collect, and keeps its log.</summary>
    private static async Task<KilledCompaction> CollectAsync(string executable, TemporaryFolder folder)
    {
        var samples = OldSamples.Make(SeriesCount, First, Last);
        await using var source = await FakeSource.StartAsync(_ => samples.Body);
        var storage = $"local:{folder.Folder("collected")}";
        folder.Write(
            "tributary.yml",
            $"{TimeWindow}\nscrape_configs: [{{job_name: j, static_configs: [{{targets: ['{source.Authority}']}}]}}]"
        );
        await using (var server = await TributaryServer.StartAsync(executable, folder.Path, "--storage", storage))
        {
            await Patience.UntilAsync(
                "the samples to be stored",
                async () => await server.MetricAsync("tributary_log_samples_total") >= samples.Count,
                () => server.Log
            );
            await server.StopAsync();
        }
        var log = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var blobs = StoredLog.Open(storage);
        await foreach (var info in blobs.ListAsync(LogFileName.Prefix, Token))
        {
            Assert.True(LogFileName.TryParse(info.Name, out var name));
            if (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() < name.Window.EndMs + Due.TotalMilliseconds)
            {
                // The report of the scrape: it is of now.
                continue;
            }
            log[info.Name] = new byte[info.LengthBytes];
            await blobs.ReadAsync(info.Name, 0, log[info.Name], ifMatch: null, Token);
        }
        return new KilledCompaction(executable, folder, log, samples.Dump(source.Authority));
    }

    /// <summary>A new store with the log, not compacted.</summary>
    private async Task<string> StoreAsync(AzuriteFixture? azurite)
    {
        var storage = azurite is null
            ? $"local:{folder.Folder($"store-{++copies}")}"
            : await azurite.FreshConnectionStringAsync();
        var blobs = StoredLog.Open(storage);
        foreach (var (name, bytes) in log)
        {
            await blobs.CreateAppendAsync(name, Token);
            await blobs.AppendAsync(name, 0, bytes, Token);
        }
        return storage;
    }

    /// <summary>Another instance goes on at once: it does not wait for the lease, on which nothing depends.</summary>
    private async Task CompactAsync(string storage)
    {
        var time = TimeProvider.System;
        var job = new CompactJob(
            new Unleased(StoredLog.Open(storage)),
            StoredBlocks.Tables(storage),
            time,
            () => Ulid.New(time, Random.Shared)
        );
        var result = await job.RunAsync(new CompactPlan { Options = new() { Folder = folder.Folder("runs") } }, Token);
        Assert.Empty(result.Problems);
        Assert.Equal((0, false), (result.Refused, result.IsUnfinished));
    }

    /// <summary>Every sample is in one live block; after the garbage is collected nothing else is left, and nothing is missing.</summary>
    private async Task CheckAsync(string storage)
    {
        await CheckDumpAsync(storage);
        var time = TimeProvider.System;
        var garbage = new GarbageJob(
            StoredLog.Open(storage),
            StoredBlocks.Tables(storage),
            time,
            () => Ulid.New(time, Random.Shared)
        );
        var all = new GarbageOptions { DeletionDelay = TimeSpan.Zero, AbandonedAfter = TimeSpan.Zero };
        // What is given up in the first pass goes with the second.
        Assert.Empty((await garbage.RunAsync(all, Token)).Named.Problems);
        var (named, unnamed) = await garbage.RunAsync(all, Token);
        Assert.Empty(named.Problems);
        Assert.Empty(unnamed.UnknownBlocks);
        Assert.Empty((await CheckDumpAsync(storage)).Garbage);
        await foreach (var info in StoredLog.Open(storage).ListAsync(LogFileName.Prefix, Token))
        {
            Assert.Fail($"{info.Name} is in a block, and still there");
        }
    }

    private async Task<StoredBlocks> CheckDumpAsync(string storage)
    {
        var blocks = await StoredBlocks.CopyAsync(storage, folder.Folder($"blocks-{++copies}"));
        var dumped = await blocks.DumpAsync(OldSamples.Metric);
        Assert.Equal(expected, dumped.Order(StringComparer.Ordinal));
        return blocks;
    }

    /// <summary>A store whose leases everybody gets.</summary>
    private sealed class Unleased(IBlobStore blobs) : PassingBlobs(blobs)
    {
        public override Task<string> AcquireLeaseAsync(
            string name,
            TimeSpan duration,
            CancellationToken cancellationToken
        ) => Task.FromResult(name);

        public override Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public override Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
