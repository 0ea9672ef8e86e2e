namespace Tributary.Rules;

/// <summary>A rule has no result; the message is Prometheus' where it has one.</summary>
/// <param name="message">For people.</param>
/// <param name="inner">The cause, if another.</param>
internal class RuleException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An alerting rule has more alerts than its group allows.</summary>
/// <param name="message">For people.</param>
internal sealed class LimitException(string message) : RuleException(message);
