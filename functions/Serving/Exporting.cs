using Microsoft.Extensions.Logging;
using Tributary.Binary;
using Tributary.Jobs;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Runs the job Export, and says what it did.</summary>
/// <param name="job">The job.</param>
/// <param name="refresh">Reads what other processes remember of the sources.</param>
/// <param name="logger">Where that is said.</param>
internal sealed partial class Exporting(ExportJob job, Func<CancellationToken, Task> refresh, ILogger logger)
{
    /// <summary>Standalone, so often is looked whether something is due.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>Standalone, a pass begins nothing more after so long: the configuration may have changed.</summary>
    public static readonly TimeSpan PassFor = TimeSpan.FromHours(1);

    /// <summary>One pass.</summary>
    /// <param name="noNewRunAfter">After so long it begins nothing more.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="StoreException">The store cannot be used, or something failed; the message says what to do.</exception>
    public async Task<ExportPass> RunAsync(TimeSpan noNewRunAfter, CancellationToken stop)
    {
        if (job.Exports.Count == 0)
        {
            return new ExportPass();
        }
        using var paid = Payers.By(Payer.Export);
        await refresh(stop);
        var pass = await RunDueAsync(noNewRunAfter, stop);
        foreach (var manifest in pass.Written)
        {
            Log.Written(
                logger,
                manifest.Export,
                manifest.Output,
                manifest.Rows,
                manifest.Bytes,
                manifest.IsComplete ? "complete" : "incomplete"
            );
        }
        foreach (var problem in pass.Problems)
        {
            Log.Failed(logger, problem);
        }
        return pass;
    }

    /// <summary>A manifest of blocks that has to be rebuilt and a full disk are no bugs.</summary>
    private async Task<ExportPass> RunDueAsync(TimeSpan noNewRunAfter, CancellationToken stop)
    {
        try
        {
            return await job.RunDueAsync(noNewRunAfter, stop);
        }
        catch (Exception exception) when (exception is CorruptDataException or IOException)
        {
            throw new StoreException(StoreError.Unusable, exception.Message, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "exported {Export} to {Output}: {Rows} rows, {Bytes} bytes, {State}")]
        public static partial void Written(
            ILogger logger,
            string export,
            string output,
            long rows,
            long bytes,
            string state
        );

        [LoggerMessage(LogLevel.Error, "an export failed, and is tried again: {Problem}")]
        public static partial void Failed(ILogger logger, string problem);
    }
}
