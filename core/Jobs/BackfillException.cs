namespace Tributary.Jobs;

/// <summary>A range cannot be fetched later as it was asked for; the message says why, and what to do.</summary>
public sealed class BackfillException(string message) : Exception(message);
