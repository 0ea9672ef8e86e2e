namespace Tributary.Jobs;

/// <summary>Work on blocks cannot be done as it was asked for; the message says what to do.</summary>
public sealed class BlocksException(string message, Exception? inner = null) : Exception(message, inner);
