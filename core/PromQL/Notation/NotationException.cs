namespace Tributary.PromQL.Notation;

/// <summary>A text is no series in the notation of tests.</summary>
/// <param name="message">What is wrong, with the column where that is known.</param>
/// <param name="inner">The cause, if another.</param>
internal sealed class NotationException(string message, Exception? inner = null) : FormatException(message, inner)
{
    /// <summary>An error at a place of a text.</summary>
    /// <param name="offset">In UTF-16 units, from 0.</param>
    /// <param name="problem">What is wrong.</param>
    public static NotationException At(int offset, string problem) =>
        new(FormattableString.Invariant($"column {offset + 1}: {problem}"));
}
