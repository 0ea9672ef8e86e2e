namespace Tributary.Federation;

/// <summary>Why a source's API did not give what was asked for.</summary>
internal enum SourceApiProblem
{
    /// <summary>There was no answer, or an error that may pass.</summary>
    Failed,

    /// <summary>It did not end in time.</summary>
    TimedOut,

    /// <summary>It was too much at once: less may work.</summary>
    TooMuch,

    /// <summary>The source wants to be left alone for a while.</summary>
    Throttled,

    /// <summary>The answer is none that can be read.</summary>
    Damaged,

    /// <summary>The source does not do that at all.</summary>
    Refused,
}
