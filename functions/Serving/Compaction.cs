using Microsoft.Extensions.Logging;
using Tributary.Configuration;
using Tributary.Jobs;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;

namespace Tributary.Functions.Serving;

/// <summary>Runs the job Compact by the configuration as it is, and says what it did.</summary>
internal sealed partial class Compaction(CompactJob job, Func<CollectorConfig> config, ILogger logger)
{
    /// <summary>Standalone, so often is looked whether something is due.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>One run.</summary>
    /// <param name="noNewStepAfter">After so long it begins nothing more.</param>
    /// <param name="stop">Ends it; what was committed stays.</param>
    public async Task<CompactResult> RunAsync(TimeSpan noNewStepAfter, CancellationToken stop)
    {
        var storage = config().Storage;
        var plan = new CompactPlan
        {
            Retention = new RetentionPlan { Time = storage.RetentionTime, Bytes = storage.RetentionBytes },
            NoNewStepAfter = noNewStepAfter,
            Options = new CompactionOptions(),
        };
        plan = plan with
        {
            Merge = plan.Merge with { Retention = storage.RetentionTime ?? TimeSpan.FromDays(MaxRangeDays) },
        };
        var result = await job.RunAsync(plan, stop);
        foreach (var problem in result.Problems)
        {
            Log.Damaged(logger, problem);
        }
        if (result.LogBlocks + result.Merges > 0)
        {
            Log.Done(logger, result.LogBlocks, result.Merges, result.RemovedLogFiles, result.RemovedBlocks);
        }
        return result;
    }

    /// <summary>Without a retention time, blocks grow as with one of so many days.</summary>
    private const int MaxRangeDays = 310;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "compaction left out what is damaged: {Problem}")]
        public static partial void Damaged(ILogger logger, string problem);

        [LoggerMessage(
            LogLevel.Information,
            "compacted: {LogBlocks} blocks made of the log, {Merges} of blocks; gone: {LogFiles} log files, {Blocks} blocks"
        )]
        public static partial void Done(ILogger logger, int logBlocks, int merges, int logFiles, int blocks);
    }
}
