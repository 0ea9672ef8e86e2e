using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Tries a request again whose outcome is not known; for requests whose conditions make a second one harmless.</summary>
internal static class StoreRetry
{
    private const int MaxTries = 6;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Sends until the store answers; what it answers to a second try may be the effect of the first.</summary>
    /// <exception cref="StoreException">The last answer.</exception>
    public static async Task RunAsync(Func<Task> request, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await request();
                return;
            }
            catch (StoreException exception)
                when (exception.Error is StoreError.Unknown or StoreError.Throttled && attempt < MaxTries)
            {
                await Task.Delay(FirstDelay * (1 << attempt), time, cancellationToken);
            }
        }
    }
}
