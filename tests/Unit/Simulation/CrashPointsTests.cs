using System.Buffers.Binary;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Every crash point is tried, and each finds the bug that only it can find.</summary>
public sealed class CrashPointsTests
{
    private const string Table = "t";
    private const string Partition = "p";
    private static readonly Dictionary<string, object> Nothing = [];

    [Fact]
    public void Enumerate_TriesEveryCallBothWays()
    {
        var calls = new List<int>();
        var ended = 0;
        var count = CrashPoints.Enumerate(
            async world =>
            {
                await new StandInScenario(Plant.Nothing).AppendAllAsync(world.Instance, 1);
                ended++;
            },
            world =>
            {
                calls.Add(world.Storage.Blobs.ContentOf(StandInLog.Name) is { } log ? log.Length / 8 : -1);
                return Task.CompletedTask;
            }
        );
        Assert.Equal(7, count);
        Assert.Equal(1, ended);
        Assert.Equal([6, -1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6], calls);
    }

    [Fact]
    public void Enumerate_OfACorrectProtocol_FindsNothing()
    {
        Assert.Equal(2, CrashPoints.Enumerate(WriteThenCommitAsync, RowImpliesBlobAsync));
    }

    [Fact]
    public void Enumerate_OfAProtocolInTheWrongOrder_NamesTheCrashPoint()
    {
        var failure = Assert.Throws<SimulationFailedException>(() =>
            CrashPoints.Enumerate(CommitThenWriteAsync, RowImpliesBlobAsync)
        );
        Assert.StartsWith(
            "killed at call 1 of 2, AfterEffect: row without blob",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("commit t/p @1 → ok", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnumerateLateLandings_OfAnAppendAfterALook_FindsNothing()
    {
        Assert.Equal(8, CrashPoints.EnumerateLateLandings(AppendSevenAsync, AppendSevenAndCheckAsync));
    }

    [Fact]
    public void EnumerateLateLandings_OfALookBeforeAnUnconditionalWrite_FindsTheLateOne()
    {
        var failure = Assert.Throws<SimulationFailedException>(() =>
            CrashPoints.EnumerateLateLandings(
                world => WriteAsync(world, "old"),
                async world =>
                {
                    if (!await HasAsync(world, "new"))
                    {
                        await WriteAsync(world, "new");
                    }
                    Require(await HasAsync(world, "new"), "the old one came back");
                }
            )
        );
        Assert.Contains("killed at call 1, which lands before call", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the old one came back", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Enumerate_OfAProtocolThatDoesNotRepeatItself_Fails()
    {
        var runs = 0;
        var failure = Assert.Throws<SimulationFailedException>(() =>
            CrashPoints.Enumerate(
                async world =>
                {
                    if (runs++ == 0)
                    {
                        await WriteAsync(world, "x");
                    }
                },
                _ => Task.CompletedTask
            )
        );
        Assert.Contains("never made", failure.Message, StringComparison.Ordinal);
    }

    private static async Task WriteThenCommitAsync(SimulatedWorld world)
    {
        await WriteAsync(world, "x");
        await CommitAsync(world);
    }

    private static async Task CommitThenWriteAsync(SimulatedWorld world)
    {
        await CommitAsync(world);
        await WriteAsync(world, "x");
    }

    private static async Task RowImpliesBlobAsync(SimulatedWorld world)
    {
        var row = await world.Instance.Tables.GetAsync(Table, Partition, "r", default);
        var blob = await world.Instance.Blobs.GetInfoAsync("box/blob", default);
        Require(row is null || blob is not null, "row without blob");
    }

    private static async Task AppendSevenAsync(SimulatedWorld world)
    {
        var log = new StandInLog(world.Instance.Blobs, Plant.Nothing);
        await log.OpenAsync();
        await log.AppendAsync(7);
    }

    private static async Task AppendSevenAndCheckAsync(SimulatedWorld world)
    {
        var log = new StandInLog(world.Instance.Blobs, Plant.Nothing);
        await log.OpenAsync();
        var buffer = new byte[sizeof(long)];
        if (await world.Instance.Blobs.ReadAsync(StandInLog.Name, 0, buffer, null, default) == 0)
        {
            await log.AppendAsync(7);
        }
        else
        {
            Require(BinaryPrimitives.ReadInt64LittleEndian(buffer) == 7, "something else");
        }
        var found = StandInLog.Numbers(world.Storage.Blobs.ContentOf(StandInLog.Name)!.Value);
        Require(found.SequenceEqual([7L]), "lost or doubled");
    }

    private static Task CommitAsync(SimulatedWorld world) =>
        world.Instance.Tables.CommitAsync(
            Table,
            Partition,
            [new TableWrite(TableAction.Replace, "r", Nothing)],
            default
        );

    private static Task<BlobInfo> WriteAsync(SimulatedWorld world, string text) =>
        world.Instance.Blobs.WriteAsync("box/blob", Bytes(text), WriteCondition.None, default);

    private static async Task<bool> HasAsync(SimulatedWorld world, string text)
    {
        if (await world.Instance.Blobs.GetInfoAsync("box/blob", default) is null)
        {
            return false;
        }
        var buffer = new byte[text.Length];
        await world.Instance.Blobs.ReadAsync("box/blob", 0, buffer, null, default);
        return buffer.AsSpan().SequenceEqual(Bytes(text));
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidOperationException(problem);
        }
    }
}
