namespace Tributary.Functions.Serving;

/// <summary>How an invocation of a job has ended.</summary>
/// <param name="HasFailed">Whether something that was due is not done.</param>
/// <param name="Text">What was done, or why not, in a line without secrets.</param>
internal sealed record JobOutcome(bool HasFailed, string Text);
