using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>Work that takes longer than a lease lasts and a pending row is left alone.</summary>
public sealed class LongWorkTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(30);

    private readonly SimulatedWorld world = new(1);

    [Fact]
    public void Block_WrittenForHours_IsNotGivenUpByOthers() =>
        world.Run(async () =>
        {
            var (committer, reader, _) = Manifest(world.Instance);
            var other = world.NewInstance();
            var (_, otherReader, otherWriter) = Manifest(other);
            var garbage = new GarbageCollector(
                other.Blobs,
                other.Tables,
                otherReader,
                otherWriter,
                other.Time,
                NewUlid
            );
            var plannedOn = await reader.RefreshAsync(default);
            var given = 0;
            var result = await committer.AddAsync(
                Block(),
                plannedOn,
                async (task, token) =>
                {
                    for (var hours = 0; hours < 6; hours++)
                    {
                        await Task.Delay(TimeSpan.FromHours(1), world.Instance.Time, token);
                        given += (await garbage.RunAsync(new GarbageOptions(), default)).AbandonedBlocks;
                    }
                    return new WrittenBlock(task.Block, default);
                },
                default
            );
            Assert.True(result.IsCommitted, result.Refusal);
            Assert.Equal(0, given);
        });

    [Fact]
    public void Block_GivenUpByOthers_EndsTheWritingAndIsRefused() =>
        world.Run(async () =>
        {
            var (committer, reader, writer) = Manifest(world.Instance);
            var plannedOn = await reader.RefreshAsync(default);
            var isOver = false;
            var result = await committer.AddAsync(
                Block(),
                plannedOn,
                async (task, token) =>
                {
                    Assert.True(await writer.AbandonAsync(plannedOn, task.Block.Ulid, "a test", default));
                    await Task.Delay(BlockCommitter.TouchEvery + Step, world.Instance.Time, token);
                    isOver = true;
                    return new WrittenBlock(task.Block, default);
                },
                default
            );
            Assert.False(result.IsCommitted);
            Assert.Contains("given up", result.Refusal, StringComparison.Ordinal);
            Assert.False(isOver);
            Assert.Empty((await reader.ReloadAsync(default)).Live);
        });

    [Fact]
    public void Lease_WhileSomethingLongIsDone_IsKept() =>
        world.Run(async () =>
        {
            var other = world.NewInstance();
            var lease = (await JobLease.TryTakeAsync(world.Instance.Blobs, "job", default))!;
            var answer = await lease.WhileAsync(
                async () =>
                {
                    await world.DelayAsync(Step);
                    Assert.Null(await JobLease.TryTakeAsync(other.Blobs, "job", default));
                    return 7;
                },
                world.Instance.Time,
                default
            );
            Assert.Equal(7, answer);
            Assert.False(lease.IsLost);
        });

    [Fact]
    public void Lease_TakenByAnother_IsKnownToBeLostAndTheWorkGoesOn() =>
        world.Run(async () =>
        {
            var other = world.NewInstance();
            var lease = (await JobLease.TryTakeAsync(world.Instance.Blobs, "job", default))!;
            var answer = await lease.WhileAsync(
                async () =>
                {
                    world.Storage.Blobs.BreakLease("leases/job");
                    Assert.NotNull(await JobLease.TryTakeAsync(other.Blobs, "job", default));
                    await world.DelayAsync(Step);
                    return 7;
                },
                world.Instance.Time,
                default
            );
            Assert.Equal(7, answer);
            Assert.True(lease.IsLost);
        });

    private static (BlockCommitter Committer, ManifestReader Reader, ManifestWriter Writer) Manifest(
        SimulatedInstance instance
    )
    {
        var reader = new ManifestReader(instance.Tables);
        var writer = new ManifestWriter(instance.Tables, reader, instance.Time);
        return (new BlockCommitter(instance.Blobs, writer, instance.Time, NewUlid), reader, writer);
    }

    private static Ulid NewUlid() => Ulid.New(TimeProvider.System, Random.Shared);

    private static BlockDescription Block() =>
        new()
        {
            Ulid = default,
            Level = 1,
            MinTimeMs = 0,
            MaxTimeMs = Window.LengthMs,
            Number = 0,
        };
}
