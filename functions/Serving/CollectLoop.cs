using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>The in-process timers of a standalone server: collect at every tick, fill gaps, read on, trim memory, compact.</summary>
/// <param name="collect">Collects.</param>
/// <param name="readOn">Reads on in the log.</param>
/// <param name="compaction">Compacts.</param>
/// <param name="trim">Gives memory back.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="newTargets">Says that there are new targets.</param>
/// <param name="time">The clock.</param>
internal sealed class CollectLoop(
    CollectJob collect,
    Func<CancellationToken, Task> readOn,
    Compaction compaction,
    MemoryTrim trim,
    JobRunner runner,
    Signal newTargets,
    TimeProvider time
)
{
    private static readonly TimeSpan ReadOnEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BackfillEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BackfillFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(5);

    /// <summary>Fills gaps; null leaves them.</summary>
    public BackfillJob? Backfill { get; init; }

    /// <summary>Runs behind each compaction.</summary>
    public Func<CancellationToken, Task> Tidy { get; init; } = _ => Task.CompletedTask;

    /// <summary>Exports; null does not.</summary>
    public Exporting? Exporting { get; init; }

    /// <summary>Runs until the token is cancelled, and then until the passes under way are done.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(
            CollectAsync(stop),
            runner.RepeatAsync(ReadOnEvery, time, readOn, "reading on in the log", stop),
            runner.RepeatAsync(BackfillEvery, time, FillAsync, "filling gaps", stop),
            runner.RepeatAsync(TrimEvery, time, trim.RunAsync, "giving memory back", stop),
            runner.RepeatAsync(Exporting.Every, time, ExportAsync, "exporting", stop),
            runner.RepeatAsync(Compaction.Every, time, CompactAsync, "compacting", stop)
        );

    private async Task CompactAsync(CancellationToken stop)
    {
        await compaction.RunAsync(Compaction.Every, stop);
        await Tidy(stop);
    }

    private Task FillAsync(CancellationToken stop) =>
        Backfill is { IsDue: true } job ? job.RunAsync(BackfillFor, stop) : Task.CompletedTask;

    private Task ExportAsync(CancellationToken stop) =>
        Exporting?.RunAsync(Exporting.PassFor, stop) ?? Task.CompletedTask;

    private async Task CollectAsync(CancellationToken stop)
    {
        var passes = new List<Task>();
        var nowMs = NowMs();
        while (!stop.IsCancellationRequested)
        {
            passes.RemoveAll(pass => pass.IsCompleted);
            // Not awaited: a slow source must not delay the ticks of the others.
            passes.Add(runner.OnceAsync(collect.RunAsync, "collecting", stop));
            // Without targets, or with rare ticks, there are still sources that left, to be ended.
            var idleMs = nowMs + (long)ReadOnEvery.TotalMilliseconds;
            nowMs = await WaitUntilAsync(Math.Min(collect.NextDueMs(nowMs) ?? idleMs, idleMs), stop);
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Waits for a moment, and less when there are new targets, which may be due before it.</summary>
    private async Task<long> WaitUntilAsync(long dueMs, CancellationToken stop)
    {
        for (var nowMs = NowMs(); nowMs < dueMs; nowMs = NowMs())
        {
            if (
                await newTargets.WaitAsync(TimeSpan.FromMilliseconds(dueMs - nowMs), stop)
                || stop.IsCancellationRequested
            )
            {
                return nowMs;
            }
        }
        return dueMs;
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
