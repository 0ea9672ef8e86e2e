using Tributary.Configuration;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.RemoteWrite.Sending;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Remote write stopped at every store call: the next process sends what is missing, and nothing twice but the round that
/// was under way.
/// </summary>
public sealed class RemoteWriteCrashPointTests
{
    private const int Series = 7;
    private const int PerSend = 4;
    private const int Shards = 2;

    [Fact]
    public void Sending_KilledAnywhere_LosesNothing()
    {
        var run = new Run();
        Assert.InRange(CrashPoints.Enumerate(run.SendAsync, run.RecoverAsync), 20, 100);
    }

    [Fact]
    public void Sending_KilledAndLandingLate_LosesNothing()
    {
        var run = new Run();
        Assert.InRange(CrashPoints.EnumerateLateLandings(run.SendAsync, run.RecoverAsync), 100, 10_000);
    }

    /// <summary>The destination lives through all of it.</summary>
    private sealed class Run
    {
        private ModelReceiver receiver = new();

        /// <summary>Ticks of two writers, some of them the same; parts larger than a round; an older window.</summary>
        public async Task SendAsync(SimulatedWorld world)
        {
            receiver = new ModelReceiver();
            var begin = JobOf(world, isImmediate: true);
            await begin.RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
            var (instance, job) = (world.Instance, JobOf(world, isImmediate: false));
            LogWriter[] writers = [WriterOf(world, instance), WriterOf(world, instance)];
            for (var tick = 1; tick <= 3; tick++)
            {
                await writers[0].AppendAsync([SendPlace.Tick("a", tick, Series)], CancellationToken.None);
                await writers[1]
                    .AppendAsync(
                        [SendPlace.Tick("a", tick, Series), SendPlace.Tick("b", tick, 1, lateMs: 7_200_000)],
                        CancellationToken.None
                    );
                await job.RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
            }
        }

        public async Task RecoverAsync(SimulatedWorld world)
        {
            // The lease of the one that was killed.
            await world.DelayAsync(TimeSpan.FromSeconds(16));
            IReadOnlyList<(LogFileName Name, long LengthBytes)> before;
            RemoteWriteJob job;
            do
            {
                before = await FilesAsync(world);
                job = JobOf(world, isImmediate: false);
                await job.RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
                // A lease that was taken late, by the one that was killed.
                await world.DelayAsync(TimeSpan.FromSeconds(16));
            } while (job.Figures[0].PendingBytes > 0 || !before.SequenceEqual(await FilesAsync(world)));
            var expected = await SamplesAsync(world);
            var taken = receiver.Taken.Select(one => (one.Series.ToString(), one.TimestampMs)).ToList();
            Assert.Empty(expected.Except(taken));
            Assert.Empty(taken.Except(expected));
            Assert.InRange(taken.Count - expected.Count, 0, PerSend * Shards);
            foreach (var series in receiver.Taken.GroupBy(one => one.Series))
            {
                var times = series.Select(one => one.TimestampMs).Distinct().ToList();
                Assert.Equal(times.Order(), times);
            }
        }

        private RemoteWriteJob JobOf(SimulatedWorld world, bool isImmediate)
        {
            var instance = world.Instance;
            var job = isImmediate
                ? new RemoteWriteJob(
                    world.Storage.ImmediateBlobs(),
                    world.Storage.ImmediateTables(),
                    new SeriesTable(),
                    _ => receiver.Client,
                    instance.Time
                )
                : new RemoteWriteJob(
                    instance.Blobs,
                    instance.Tables,
                    new SeriesTable(),
                    _ => receiver.Client,
                    instance.Time
                );
            var destination = new RemoteWriteConfig("there", new Uri("http://there/"))
            {
                Key = SendPlace.Key,
                Queue = new WriteQueueConfig { MaxSamplesPerSend = PerSend, MaxShards = Shards },
            };
            job.Configure(new CollectorConfig { RemoteWrites = [destination] });
            return job;
        }

        private static LogWriter WriterOf(SimulatedWorld world, SimulatedInstance instance) =>
            new(instance.Blobs, instance.Time, () => new Ulid(world.Random.NextUInt64()));

        private static async Task<IReadOnlyList<(LogFileName Name, long LengthBytes)>> FilesAsync(
            SimulatedWorld world
        ) =>
            [
                .. (await LogListing.AllAsync(world.Storage.ImmediateBlobs(), CancellationToken.None)).Select(file =>
                    (file.Name, file.Blob.LengthBytes)
                ),
            ];

        /// <summary>What the log holds: each series and time once.</summary>
        private static async Task<HashSet<(string Series, long TimestampMs)>> SamplesAsync(SimulatedWorld world)
        {
            var home = Window.Of(SendPlace.NoonMs);
            var follower = new LogFollower(world.Storage.ImmediateBlobs(), new SeriesTable());
            var found = await follower.ReadOnAsync(
                [new Window(home.StartMs - Window.LengthMs), home],
                _ => false,
                CancellationToken.None
            );
            var samples = new HashSet<(string Series, long TimestampMs)>();
            foreach (var (file, parts) in found)
            {
                foreach (var column in parts.SelectMany(part => part.Columns))
                {
                    var columns = file.TryDecode(column)!;
                    for (var i = 0; i < columns.Count; i++)
                    {
                        samples.Add((columns.Series[i].ToString(), columns.TimestampsMs.Span[i]));
                    }
                }
            }
            return samples;
        }
    }
}
