namespace Tributary.Tests.Unit.Simulation;

/// <summary>Two writers, killed and restarted at seeded calls, append numbers; the checker counts them.</summary>
internal sealed class StandInScenario(Plant plant, int lives = 3, int numbersPerLife = 6)
{
    private readonly HashSet<long> acknowledged = [];

    public static Func<SimulatedWorld, Task> Of(Plant plant) => world => new StandInScenario(plant).RunAsync(world);

    public async Task RunAsync(SimulatedWorld world)
    {
        await Task.WhenAll(WriterAsync(world, 1), WriterAsync(world, 2));
        await world.SettleAsync();
        Check(world);
    }

    /// <summary>What was acknowledged is in the log; nothing is there twice.</summary>
    public void Check(SimulatedWorld world)
    {
        var found = world
            .Storage.Blobs.All.SelectMany(blob => StandInLog.Numbers(world.Storage.Blobs.ContentOf(blob.Name)!.Value))
            .ToList();
        if (found.Count != found.Distinct().Count())
        {
            throw new InvalidOperationException($"doubled: {string.Join(", ", found)}");
        }
        var lost = acknowledged.Except(found).ToList();
        if (lost.Count > 0)
        {
            throw new InvalidOperationException($"lost: {string.Join(", ", lost)}");
        }
    }

    public async Task AppendAllAsync(SimulatedInstance instance, long first)
    {
        var log = new StandInLog(instance.Blobs, plant);
        await log.OpenAsync();
        for (var number = first; number < first + numbersPerLife; number++)
        {
            await log.AppendAsync(number);
            acknowledged.Add(number);
            await Task.Delay(TimeSpan.FromSeconds(1), instance.Time, CancellationToken.None);
        }
    }

    private async Task WriterAsync(SimulatedWorld world, int writer)
    {
        for (var life = 0; life < lives; life++)
        {
            var skew = TimeSpan.FromSeconds(world.Random.Next(-5, 6));
            var instance = world.NewInstance(skew: skew);
            if (life < lives - 1)
            {
                PlanKill(world, instance);
            }
            var first = (1000 * writer) + (100 * life);
            await instance.RunAsync(() => AppendAllAsync(instance, first));
        }
    }

    private void PlanKill(SimulatedWorld world, SimulatedInstance instance)
    {
        if (world.Random.Chance(0.3))
        {
            world.Scheduler.Schedule(world.Random.NextDelay(TimeSpan.FromSeconds(numbersPerLife)), instance.Kill);
            return;
        }
        var moment = (KillMoment)world.Random.Next((int)KillMoment.LandsLater + 1);
        instance.KillAtCall(1 + world.Random.Next(2 * numbersPerLife), moment);
    }
}
