namespace Tributary.RemoteWrite;

/// <summary>A request of remote write that is not taken, and of which nothing is stored.</summary>
internal sealed class WriteException(WriteRefusal refusal, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What its sender may conclude.</summary>
    public WriteRefusal Refusal { get; } = refusal;
}
