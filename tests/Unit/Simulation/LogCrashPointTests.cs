using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The log's protocols, stopped at every store call; the next process reads, collects, and finds all in order.</summary>
public sealed class LogCrashPointTests
{
    private static readonly long StartMs = SimulatedTime.Start.ToUnixTimeMilliseconds();

    private readonly Dictionary<SimulatedWorld, List<AppendedBatch>> acknowledged = [];

    public static TheoryData<string, int> Appends =>
        new()
        {
            // What is appended, and how many store calls that takes.
            { "first", 2 },
            { "steady", 4 },
            { "two windows", 4 },
            { "group over two windows", 5 },
            { "roll-over", 5 },
            { "several blocks", 10 },
        };

    [Theory]
    [MemberData(nameof(Appends))]
    public void Append_KilledAnywhere_LosesAndDoublesNothing(string what, int calls) =>
        Assert.Equal(calls, CrashPoints.Enumerate(world => AppendAsync(world, what), RecoverAsync));

    [Theory]
    [MemberData(nameof(Appends))]
    public void Append_KilledAndLandingLate_LosesAndDoublesNothing(string what, int calls) =>
        Assert.InRange(
            CrashPoints.EnumerateLateLandings(world => AppendAsync(world, what), RecoverAsync),
            calls + 1,
            int.MaxValue
        );

    [Fact]
    public void Append_WithTheReportFirst_IsFound()
    {
        var failure = Assert.Throws<SimulationFailedException>(() =>
            CrashPoints.Enumerate(
                async world =>
                {
                    var writer = Writer(world, new LogLimits(), new WrongWriting.ReportFirst(world.Instance.Blobs));
                    await writer.AppendAsync([Batch("a", 1, earlierMs: -5)], CancellationToken.None);
                },
                RecoverAsync
            )
        );
        Assert.Contains("torn: a tick", failure.Message, StringComparison.Ordinal);
    }

    private async Task AppendAsync(SimulatedWorld world, string what)
    {
        var limits = what switch
        {
            "roll-over" => new LogLimits { FileAppends = 1 },
            "several blocks" => new LogLimits { AppendBytes = 60 },
            _ => new LogLimits(),
        };
        var writer = Writer(world, limits);
        switch (what)
        {
            case "steady":
                await writer.AppendAsync([Batch("a", 1)], CancellationToken.None);
                await writer.AppendAsync([Batch("a", 2)], CancellationToken.None);
                await writer.AppendAsync([Batch("a", 3)], CancellationToken.None);
                break;
            case "roll-over":
                await writer.AppendAsync([Batch("a", 1)], CancellationToken.None);
                await writer.AppendAsync([Batch("a", 2)], CancellationToken.None);
                break;
            case "two windows":
                await writer.AppendAsync([Batch("a", 1, earlierMs: -5)], CancellationToken.None);
                break;
            case "group over two windows":
                await writer.AppendAsync([Batch("a", 1, earlierMs: -5), Batch("b", 1)], CancellationToken.None);
                await writer.AppendAsync([Batch("b", 2)], CancellationToken.None);
                break;
            default:
                await writer.AppendAsync([Batch("a", 1), Batch("b", 1)], CancellationToken.None);
                break;
        }
    }

    /// <summary>A new process reads the log and collects the next tick; what it then has is what the log has.</summary>
    private async Task RecoverAsync(SimulatedWorld world)
    {
        var instance = world.Instance;
        var writer = Writer(world, new LogLimits());
        var recent = new RecentLog(instance.Blobs, new SeriesTable(), writer, instance.Time);
        await recent.LoadAsync(onBatch: null, CancellationToken.None);
        recent.LoadHistory();
        // The tick that the killed process had in hand, unless it is in: another answer of the same source.
        if (!recent.Has("a", StartMs + 1))
        {
            recent.Apply(await writer.AppendAsync([Batch("a", 1, value: 50)], CancellationToken.None));
        }
        recent.Apply(await writer.AppendAsync([Batch("a", 9, earlierMs: -4)], CancellationToken.None));
        var bytes = BytesOf(world);
        await recent.RefreshAsync(onBatch: null, CancellationToken.None);
        var oracle = Check(world);
        if (bytes == BytesOf(world))
        {
            // Otherwise something landed while it was reading, and it need not have seen that.
            oracle.Compare("the next process", recent);
        }
        await ReadAsync(world, oracle);
    }

    private static long BytesOf(SimulatedWorld world) => world.Storage.Blobs.All.Sum(info => info.LengthBytes);

    private LogOracle Check(SimulatedWorld world)
    {
        var oracle = new LogOracle(world.Storage);
        oracle.RequireWhole();
        foreach (var batch in acknowledged[world])
        {
            oracle.RequireAcknowledged("a process", batch);
        }
        return oracle;
    }

    private static async Task ReadAsync(SimulatedWorld world, LogOracle oracle)
    {
        var fresh = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer: null, world.Instance.Time);
        await fresh.LoadAsync(onBatch: null, CancellationToken.None);
        fresh.LoadHistory();
        oracle.Compare("a fresh reader", fresh);
    }

    private LogWriter Writer(SimulatedWorld world, LogLimits limits, IBlobStore? blobs = null)
    {
        if (!acknowledged.TryGetValue(world, out var list))
        {
            acknowledged.Add(world, list = []);
        }
        return new LogWriter(
            blobs ?? world.Instance.Blobs,
            world.Instance.Time,
            () => new Ulid(world.Random.NextUInt64())
        )
        {
            Limits = limits,
            Acknowledged = list.Add,
        };
    }

    private static Batch Batch(string source, int tick, int? earlierMs = null, double value = 1)
    {
        var samples = new List<(LabelSet, long, double)>
        {
            (LogBatches.Series(source[0]), StartMs + tick, value),
            (LogBatches.Series(source[0] + 100), StartMs + tick, tick + value),
        };
        if (earlierMs is { } ms)
        {
            samples.Add((LogBatches.Series(source[0] + 200), StartMs + ms, value));
        }
        return LogBatches.Of(source, StartMs + tick, LogBatches.Columns([.. samples]));
    }
}
