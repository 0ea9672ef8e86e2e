using Microsoft.Extensions.Logging;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Jobs;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Runs the job Compact by the configuration as it is, and says what it did.</summary>
internal sealed partial class Compaction(CompactJob job, Func<CollectorConfig> config, ILogger logger)
{
    /// <summary>Standalone, so often is looked whether something is due.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Without a retention time, blocks grow as with one of so many days.</summary>
    private const int MaxRangeDays = 310;

    /// <summary>Of the memory that the process may use, the part that a compaction may take, but no more than it wants.</summary>
    private const int MemoryPart = 8;

    /// <summary>One run.</summary>
    /// <param name="noNewStepAfter">After so long it begins nothing more.</param>
    /// <param name="stop">Ends it; what was committed stays.</param>
    /// <exception cref="StoreException">Something cannot be read or written; the message says what to do.</exception>
    public async Task<CompactResult> RunAsync(TimeSpan noNewStepAfter, CancellationToken stop)
    {
        var used = config();
        var plan = PlanOf(used.Storage) with
        {
            NoNewStepAfter = noNewStepAfter,
            RemoteWriteMaxAge = used.RemoteWriteMaxAge,
        };
        var result = await RunAsync(plan, stop);
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

    /// <summary>What is to be done by a configuration, on this machine.</summary>
    public static CompactPlan PlanOf(StorageConfig storage)
    {
        var plan = new CompactPlan
        {
            Retention = new RetentionPlan { Time = storage.RetentionTime, Bytes = storage.RetentionBytes },
            Options = new CompactionOptions
            {
                MemoryBytes = Math.Min(
                    new CompactionOptions().MemoryBytes,
                    GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryPart
                ),
            },
        };
        return plan with
        {
            Merge = plan.Merge with { Retention = storage.RetentionTime ?? TimeSpan.FromDays(MaxRangeDays) },
        };
    }

    /// <summary>A manifest that has to be rebuilt and a full disk are no bugs.</summary>
    private async Task<CompactResult> RunAsync(CompactPlan plan, CancellationToken stop)
    {
        try
        {
            return await job.RunAsync(plan, stop);
        }
        catch (Exception exception) when (exception is CorruptDataException or IOException)
        {
            throw new StoreException(StoreError.Unusable, exception.Message, exception);
        }
    }

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
