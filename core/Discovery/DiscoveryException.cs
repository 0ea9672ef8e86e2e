namespace Tributary.Discovery;

/// <summary>A discovery could not be refreshed; the message says why, without secrets.</summary>
internal sealed class DiscoveryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server wants to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
