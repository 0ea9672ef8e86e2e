using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Says again and again that a long work goes on, while it does: renews a lease, touches a row.</summary>
internal static class Meanwhile
{
    /// <summary>Does the work, with a beat every interval until it has ended.</summary>
    /// <param name="work">The work; its token ends it when a beat said that it is in vain.</param>
    /// <param name="beat">False: the work is in vain. A store that does not answer is asked again at the next beat.</param>
    /// <param name="interval">The pause before each beat.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <exception cref="OperationCanceledException">It was ended, or was in vain.</exception>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> work,
        Func<CancellationToken, Task<bool>> beat,
        TimeSpan interval,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var vain = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beats = BeatAsync(beat, interval, time, () => End(vain), over.Token);
        try
        {
            return await work(vain.Token);
        }
        finally
        {
            End(over);
            await beats;
        }
    }

    private static async Task BeatAsync(
        Func<CancellationToken, Task<bool>> beat,
        TimeSpan interval,
        TimeProvider time,
        Action giveUp,
        CancellationToken over
    )
    {
        try
        {
            do
            {
                await Task.Delay(interval, time, over);
            } while (await IsWorthwhileAsync(beat, over));
            giveUp();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The work has ended.
        }
    }

    private static async Task<bool> IsWorthwhileAsync(
        Func<CancellationToken, Task<bool>> beat,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await beat(cancellationToken);
        }
        catch (StoreException exception) when (exception.Error is StoreError.Unknown or StoreError.Throttled)
        {
            // Nothing depends on a beat: whether the work counts is decided by the conditions of its commit.
            return true;
        }
    }

    /// <summary>At once, on this thread: nothing here may continue on another one.</summary>
    private static void End(CancellationTokenSource source) => source.Cancel();
}
