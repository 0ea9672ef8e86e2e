namespace Tributary.RemoteWrite.Sending;

/// <summary>What became of a request.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Problem">Why, for people, without secrets; empty when it was taken.</param>
/// <param name="RetryAfter">The pause that the destination asked for; null without.</param>
internal readonly record struct WriteOutcome(WriteOutcomeKind Kind, string Problem = "", TimeSpan? RetryAfter = null);

/// <summary>What is to be done after a request.</summary>
internal enum WriteOutcomeKind
{
    /// <summary>It was taken.</summary>
    Taken,

    /// <summary>It is refused for ever: counted, and passed.</summary>
    Refused,

    /// <summary>It may be taken later.</summary>
    Later,

    /// <summary>The destination does not speak 2.0: the same again in 1.0.</summary>
    OlderMessage,
}
