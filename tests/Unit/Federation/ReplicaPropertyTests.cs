using Tributary.Configuration;
using Tributary.Model;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Federation;

/// <summary>Two replicas that stop, start, hang, break and refuse in seeded order, and a collector that is restarted at times.</summary>
public sealed class ReplicaPropertyTests
{
    private const int Ticks = 80;

    /// <summary>So many seeds in CI, and less where nobody waits for them.</summary>
    private const int Seeds = 40;
    private const int FewestSeeds = 5;

    /// <summary>A replica that was away has scraped everything again after so long.</summary>
    private const long WarmMs = 2 * ModelReplica.EveryMs;

    public static TheoryData<string> Ways => ["undeclared", "declared", "failover", "alternating"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task AnyOrderOfFailures_IsOneSeriesEach_WithoutStepsBackOrGaps(string way)
    {
        var seeds = Math.Max(FewestSeeds, SimulationSeeds.Scaled(Seeds, Environment.GetEnvironmentVariable));
        for (var seed = 1; seed <= seeds; seed++)
        {
            try
            {
                await RunAsync(way, new SeededRandom((ulong)seed));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"{way}, seed {seed}: {exception.Message}", exception);
            }
        }
    }

    private static async Task RunAsync(string way, SeededRandom random)
    {
        var place = new ReplicaPlace();
        place.Servers["lb"] = [place.A, place.B];
        var job = place.JobOf(
            new SourceConfig
            {
                Replicas = way is "declared" ? ["prometheus_replica"] : [],
                Failover = way is "failover",
                CalmPeriod = TimeSpan.FromSeconds(random.Next(20, 120)),
            },
            way is "alternating" ? ["lb:1"] : ["a:1", "b:1"]
        );
        var process = await place.StartAsync(job);
        var dead = new List<(long, long)>();
        var aliveMs = place.NowMs;
        for (var tick = 0; tick < Ticks; tick++)
        {
            foreach (var replica in (ModelReplica[])[place.A, place.B])
            {
                if (tick > 0 && random.Chance(0.15))
                {
                    replica.Set((Answering)random.Next(way is "alternating" ? 2 : 5), place.NowMs);
                }
            }
            if (random.Chance(0.05))
            {
                process = await place.StartAsync(job);
                process.Saves = random.Chance(0.5);
            }
            var before = place.Stored.Count;
            var nowMs = place.NowMs;
            await place.StepAsync(process);
            foreach (var batch in place.Stored.Skip(before))
            {
                AssertOneReplica(batch);
            }
            if (!IsWarm(place.A, nowMs) && !IsWarm(place.B, nowMs))
            {
                dead.Add((aliveMs, place.NowMs));
            }
            aliveMs = nowMs;
            Assert.InRange(place.Alive(process, "requests_total").Count, 0, ModelReplica.Counters);
        }
        StoredSeries.Check(place.Stored, "requests_total", dead);
    }

    private static bool IsWarm(ModelReplica replica, long nowMs) =>
        replica.WellSinceMs is { } sinceMs && (sinceMs == long.MinValue || nowMs - sinceMs > WarmMs);

    private static void AssertOneReplica(StoredBatch batch)
    {
        var whose = batch.Scraped.Where(sample => sample.Series.MetricName is "whose");
        Assert.InRange(whose.Select(sample => sample.Value).Distinct().Count(), 0, 1);
        Assert.All(batch.Scraped, sample => Assert.Null(sample.Series.Get("prometheus_replica")));
        var keys = batch.Added.Select(sample => sample.Series).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }
}
