namespace Tributary.Benchmarks.History;

/// <summary>Writes history as log files of ours, in process, through the writer that production uses.</summary>
internal static class TributaryHistory
{
    /// <summary>Whether <see cref="WriteAsync"/> is joined to the log's writer.</summary>
    public static bool IsJoined => false;

    /// <summary>Fills the folder that `--storage local:FOLDER` will name, one batch a step, as collecting would have.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="past">The samples.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="BenchmarkException">It is not joined to the log's writer.</exception>
    public static Task WriteAsync(string folder, PastSamples past, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        throw new BenchmarkException(
            $"no writer is joined that could put {past.Steps} steps of {past.Workload.Count} series into {folder}"
        );
    }
}
