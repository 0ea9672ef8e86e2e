namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>An invocation that has ended.</summary>
/// <param name="Function">Its name.</param>
/// <param name="Outcome">How.</param>
/// <param name="Error">Why, when it did not succeed.</param>
/// <param name="Logs">What the answer wants logged.</param>
/// <param name="Body">The answer's body; empty when there was none.</param>
internal sealed record Invocation(
    string Function,
    Outcome Outcome,
    string Error,
    IReadOnlyList<string> Logs,
    string Body
)
{
    /// <summary>When it began, in milliseconds since the epoch.</summary>
    public long BeganMs { get; init; }

    /// <summary>When it ended.</summary>
    public long EndedMs { get; init; }
}
