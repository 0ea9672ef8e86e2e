namespace Tributary.Functions.Serving;

/// <summary>Gives memory back to the system once after many series were new: their first scrape leaves much garbage behind.</summary>
/// <param name="series">How many series there are.</param>
internal sealed class MemoryTrim(Func<int> series)
{
    private const int FewSeries = 2000;

    private int atLastTrim;
    private int atLastLook;

    /// <summary>How often memory was given back.</summary>
    public int Trims { get; private set; }

    /// <summary>Collects and compacts if the series have grown by a quarter since the last time, and grow no more.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        var now = series();
        var isSteady = now == atLastLook;
        atLastLook = now;
        if (isSteady && !stop.IsCancellationRequested && now - atLastTrim > FewSeries + (atLastTrim / 4))
        {
            atLastTrim = now;
            Trims++;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        return Task.CompletedTask;
    }
}
