namespace Tributary.Functions.Serving;

/// <summary>Gives memory back to the system after many series were new: their first scrape leaves much garbage behind.</summary>
/// <param name="series">How many series there are.</param>
internal sealed class MemoryTrim(Func<int> series)
{
    private const int FewSeries = 2000;

    private int atLastTrim;

    /// <summary>Collects and compacts if the number of series has grown by a quarter since the last time.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        var now = series();
        if (!stop.IsCancellationRequested && now - atLastTrim > FewSeries + (atLastTrim / 4))
        {
            atLastTrim = now;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        return Task.CompletedTask;
    }
}
