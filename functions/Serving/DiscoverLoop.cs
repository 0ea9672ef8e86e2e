using Microsoft.Extensions.Logging;
using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>The in-process timer of discovery: refreshes what is due or has changed, and logs what is wrong once.</summary>
internal sealed partial class DiscoverLoop(DiscoverJob discover, FolderWatch watch, JobRunner runner, ILogger logger)
{
    private readonly TaskCompletionSource firstPass = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string> logged = new(StringComparer.Ordinal);

    /// <summary>Ends when every discovery was asked once.</summary>
    public Task FirstPass => firstPass.Task;

    /// <summary>Runs until the token is cancelled, and then until the refreshes under way are done.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var passes = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            passes.RemoveAll(pass => pass.IsCompleted);
            // Not awaited: a slow server must not delay what is read from files.
            passes.Add(OnceAsync(stop));
            await WaitAsync(stop);
        }
        await Task.WhenAll(passes);
        firstPass.TrySetResult();
    }

    /// <summary>One pass: asks what is due, and logs what is wrong.</summary>
    public async Task OnceAsync(CancellationToken stop)
    {
        await runner.OnceAsync(RefreshAsync, "discovering targets", stop);
        LogNew();
        firstPass.TrySetResult();
    }

    /// <summary>Watches first, so that what changes after the reading is told.</summary>
    private Task RefreshAsync(CancellationToken stop)
    {
        watch.Set(discover.Folders);
        return discover.RefreshAsync(stop);
    }

    private void LogNew()
    {
        lock (firstPass)
        {
            var problems = discover.Problems.Concat(watch.Problems).ToHashSet(StringComparer.Ordinal);
            foreach (var problem in problems.Except(logged, StringComparer.Ordinal))
            {
                Log.Problem(logger, problem);
            }
            foreach (var problem in logged.Except(problems, StringComparer.Ordinal))
            {
                Log.Gone(logger, problem);
            }
            logged = problems;
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await discover.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Discovery of targets: {Problem}")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(LogLevel.Information, "Discovery of targets: no longer: {Problem}")]
        public static partial void Gone(ILogger logger, string problem);

        [LoggerMessage(LogLevel.Debug, "Discovery of targets was stopped")]
        public static partial void Stopped(ILogger logger);
    }
}
