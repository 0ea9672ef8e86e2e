namespace Tributary.Storage.Selection;

/// <summary>More is selected than an answer may hold in memory.</summary>
/// <param name="message">What was too much, and what to do.</param>
internal sealed class SelectionLimitException(string message) : Exception(message);
