namespace Tributary.Functions.Serving;

/// <summary>How an invocation that collects has ended.</summary>
/// <param name="HasFailed">Whether something that was due is not stored.</param>
/// <param name="Text">What was done, or why not, in a line without secrets.</param>
internal sealed record CollectOutcome(bool HasFailed, string Text);
