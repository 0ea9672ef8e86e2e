namespace Tributary.Federation;

/// <summary>A source's API did not give what was asked for; the message tells a user why, without secrets.</summary>
internal sealed class SourceApiException(SourceApiProblem problem, string message) : Exception(message)
{
    /// <summary>What kind of reason it is.</summary>
    public SourceApiProblem Problem => problem;

    /// <summary>The status of its answer; 0 when there was none.</summary>
    public int Status { get; init; }

    /// <summary>How long the source wants to be left alone.</summary>
    public TimeSpan RetryAfter { get; init; }
}
