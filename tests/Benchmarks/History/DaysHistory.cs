using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Benchmarks.History;

/// <summary>Many days as a server leaves them: blocks of two hours that became larger ones.</summary>
internal static class DaysHistory
{
    /// <summary>Between samples: compaction does not depend on it, and the writing takes less time.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(60);

    /// <summary>What is kept decides how long blocks become: fifteen days is the default, and too short here.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(60);

    /// <summary>Fills an empty store with blocks that end with the last window that is over.</summary>
    /// <param name="store">The store.</param>
    /// <param name="series">How many series.</param>
    /// <param name="days">How much time.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The last moment with samples, in ms, and the blocks.</returns>
    public static async Task<(long EndMs, IReadOnlyList<Ulid> Blocks)> WriteAsync(
        HistoryStore store,
        int series,
        int days,
        CancellationToken cancellation
    )
    {
        var endMs = Window.Of(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).StartMs - (long)Step.TotalMilliseconds;
        var past = new PastSamples(series, TimeSpan.FromDays(days), Step, endMs);
        await TributaryHistory.WriteAsync(store.Blobs, past, (int)(Window.LengthMs / past.StepMs), cancellation);
        var time = TimeProvider.System;
        var plan = new CompactPlan
        {
            Retention = new RetentionPlan { Time = Retention },
            // As soon as it can be: nobody writes any more.
            LevelOne = new CompactPlan().LevelOne with
            {
                Delay = TimeSpan.Zero,
            },
            NoNewStepAfter = TimeSpan.FromMinutes(30),
        };
        plan = plan with { Merge = plan.Merge with { Retention = Retention } };
        await new CompactJob(store.Blobs, store.Tables, time, () => Ulid.New(time, Random.Shared)).RunAsync(
            plan,
            cancellation
        );
        // What is in blocks now is deleted some time later; a start is not to read it.
        foreach (var file in await LogListing.AllAsync(store.Blobs, cancellation))
        {
            await store.Blobs.DeleteAsync(file.Blob.Name, null, cancellation);
        }
        var manifest = await new ManifestReader(store.Tables).RefreshAsync(cancellation);
        return (endMs, [.. manifest.Live.Select(row => row.Block.Ulid)]);
    }
}
