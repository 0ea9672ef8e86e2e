using System.Security.Cryptography;
using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Exports;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// A run of an export, stopped at every store call, with calls that land while the next process works: nobody sees half an
/// output, a manifest is of the output beside it, and in the end there is the one output that there should be.
/// </summary>
public sealed class ExportCrashPointTests
{
    private const string Output = "exports/e/latest.csv";
    private const string Manifest = Output + ExportManifest.Suffix;
    private const long HourMs = 60 * 60 * 1000;

    private static readonly ExportConfig Config = ExportPlace.Config(
        """
        interval: 1h
        match: ['m']
        range: 1h
        wait: 0
        destination: exports/{name}/{date}.csv
        """
    ) with
    {
        Destination = new ExportDestination(ExportDestinationKind.Store, "exports/{name}/latest.csv"),
    };

    private static readonly Dictionary<SimulatedWorld, State> States = [];

    [Fact]
    public void Run_KilledAnywhere_IsDoneByTheNextOne() =>
        Assert.InRange(CrashPoints.Enumerate(RunAsync, RecoverAsync), 15, 60);

    [Fact]
    public void Run_KilledAndLandingLate_IsDoneByTheNextOne() =>
        Assert.InRange(CrashPoints.EnumerateLateLandings(RunAsync, RecoverAsync), 100, 3000);

    [Fact]
    public void RunOfAFilledGap_KilledAnywhere_IsDoneByTheNextOne() =>
        Assert.InRange(CrashPoints.Enumerate(RunAgainAsync, RecoverAsync), 15, 60);

    [Fact]
    public void RunOfAFilledGap_KilledAndLandingLate_IsDoneByTheNextOne() =>
        Assert.InRange(CrashPoints.EnumerateLateLandings(RunAgainAsync, RecoverAsync), 100, 3000);

    [Fact]
    public void TwoProcesses_AtOnce_WriteItOnce()
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var world = new SimulatedWorld(seed);
            world.Run(async () =>
            {
                var state = await PrepareAsync(world);
                state.CompleteUntilMs = state.DueMs;
                var (one, other) = (world.NewInstance(), world.NewInstance());
                var written = 0;
                await Task.WhenAll(
                    one.RunAsync(async () => written += (await PassAsync(world, one)).Written.Count),
                    other.RunAsync(async () => written += (await PassAsync(world, other)).Written.Count)
                );
                Assert.Equal(1, written);
                await world.Restart().RunAsync(() => RecoverAsync(world));
            });
        }
    }

    private static async Task RunAsync(SimulatedWorld world)
    {
        var state = await PrepareAsync(world);
        state.CompleteUntilMs = state.DueMs;
        await PassAsync(world, world.Instance);
    }

    /// <summary>There is an incomplete output, whose gap is filled by now.</summary>
    private static async Task RunAgainAsync(SimulatedWorld world)
    {
        var state = await PrepareAsync(world);
        await world
            .NewInstance()
            .RunAsync(async () => Assert.Single((await PassAsync(world, world.Instances[^1])).Written));
        await AppendAsync(world, state.DueMs - 1000, 7);
        state.CompleteUntilMs = state.DueMs;
        await PassAsync(world, world.Instance);
    }

    /// <summary>Another process' work: it has seen the export, and collected; now a run is due.</summary>
    private static async Task<State> PrepareAsync(SimulatedWorld world)
    {
        var nowMs = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var dueMs = ((nowMs / HourMs) + 1) * HourMs;
        var state = new State { DueMs = dueMs, CompleteUntilMs = dueMs - 60_000 };
        States[world] = state;
        var other = world.NewInstance();
        await other.RunAsync(async () => Assert.Empty((await PassAsync(world, other)).Written));
        await world.DelayAsync(TimeSpan.FromMilliseconds(dueMs - nowMs + 1000));
        await AppendAsync(world, dueMs - 1_800_000, 1);
        return state;
    }

    private static async Task AppendAsync(SimulatedWorld world, long atMs, double value)
    {
        var collector = world.NewInstance();
        await collector.RunAsync(async () =>
        {
            var writer = new LogWriter(collector.Blobs, collector.Time, () => NewUlid(world));
            var samples = LogBatches.Columns((LabelSet.Of("__name__", "m"), atMs, value));
            await writer.AppendAsync([LogBatches.Of("a", atMs, samples, LogBatches.Columns())], CancellationToken.None);
        });
        States[world].Rows.Add(atMs);
    }

    private static async Task RecoverAsync(SimulatedWorld world)
    {
        var state = States[world];
        CheckWhole(world);
        for (var pass = 0; pass < 3; pass++)
        {
            await PassAsync(world, world.Instance);
            CheckWhole(world);
            await Task.Delay(
                ExportClaim.Duration + TimeSpan.FromSeconds(1),
                world.Instance.Time,
                CancellationToken.None
            );
        }
        var manifest = ExportManifest.Read(world.Storage.Blobs.ContentOf(Manifest)!.Value.ToArray())!;
        var output = world.Storage.Blobs.ContentOf(Output)!.Value.ToArray();
        Assert.True(manifest.IsComplete);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(output)), manifest.Sha256);
        Assert.Equal(state.Rows.Count, manifest.Rows);
        var row = await new ExportRows(world.Instance.Tables, world.Instance.Time, () => NewUlid(world)).GetAsync(
            "e",
            state.DueMs,
            CancellationToken.None
        );
        Assert.Equal((ExportState.Complete, manifest.Sha256), (row!.State, row.Sha256));
    }

    /// <summary>An output that is there is whole.</summary>
    private static void CheckWhole(SimulatedWorld world)
    {
        if (world.Storage.Blobs.ContentOf(Output) is { } output)
        {
            var lines = System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n');
            Assert.Equal("timestamp,__name__,value", lines[0]);
            Assert.Equal("", lines[^1]);
            Assert.InRange(lines.Length, 3, 4);
        }
    }

    private static async Task<ExportPass> PassAsync(SimulatedWorld world, SimulatedInstance instance)
    {
        var state = States[world];
        using var store = new StoreReader(
            instance.Blobs,
            instance.Tables,
            null,
            new StoreReaderOptions { CacheBytes = 1 << 20 },
            instance.Time,
            () => NewUlid(world)
        );
        var folder = Path.GetTempPath();
        var job = new ExportJob(
            new Exporter(store, () => throw new InvalidOperationException("nothing is evaluated"), folder),
            new ExportTargets(
                instance.Blobs,
                _ => throw new InvalidOperationException("nothing is sent"),
                folder,
                instance.Time,
                () => NewUlid(world)
            ),
            instance.Tables,
            () => [(new SourceMemory("a") { CompleteUntilMs = state.CompleteUntilMs }, new SourceGaps("a"))],
            instance.Time,
            () => NewUlid(world)
        )
        {
            Exports = [Config],
        };
        return await job.RunDueAsync(TimeSpan.FromHours(1), CancellationToken.None);
    }

    private static Ulid NewUlid(SimulatedWorld world) => new(world.Random.NextUInt64());

    private sealed class State
    {
        public long DueMs { get; init; }

        public long CompleteUntilMs { get; set; }

        public HashSet<long> Rows { get; } = [];
    }
}
