namespace Tributary.Model;

/// <summary>A histogram would have more buckets than there may be.</summary>
/// <param name="message">How many there may be.</param>
public sealed class TooManyBucketsException(string message) : ArgumentException(message);
