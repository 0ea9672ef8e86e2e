using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Reads on in the log, one call at a time, and knows when that was done last.</summary>
/// <param name="refresh">Reads on.</param>
/// <param name="time">The clock.</param>
internal sealed class LogReading(Func<CancellationToken, Task> refresh, TimeProvider time) : IDisposable
{
    /// <summary>Behind a host, a request that found the log read just now plans by that reading's list.</summary>
    private static readonly TimeSpan SharedListAge = Freshness.DataAge + TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim turn = new(1);
    private long readAt = long.MinValue;

    /// <summary>How long ago the last reading began; null when there was none.</summary>
    public TimeSpan? Age => Volatile.Read(ref readAt) is var at && at == long.MinValue ? null : time.GetElapsedTime(at);

    /// <summary>Lists the log for the head and for queries.</summary>
    public static LogLister NewLister(IBlobStore blobs, TimeProvider time, bool isHosted) =>
        new(blobs, time) { MaxAge = isHosted ? SharedListAge : TimeSpan.Zero };

    /// <summary>Reads on; the others wait.</summary>
    /// <exception cref="StoreException">The log cannot be read.</exception>
    public async Task ReadAsync(CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        try
        {
            var began = time.GetTimestamp();
            await refresh(stop);
            Volatile.Write(ref readAt, began);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
