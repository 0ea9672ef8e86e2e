namespace Tributary.Functions.Diagnosis;

/// <summary>One thing that a check found.</summary>
/// <param name="Kind">How it stands.</param>
/// <param name="Text">What was found; without secrets.</param>
/// <param name="Advice">What to do about it: a role, a setting, a command; empty when nothing is to be done.</param>
internal sealed record Finding(FindingKind Kind, string Text, string Advice = "");

/// <summary>How a finding stands; the worst one last.</summary>
internal enum FindingKind
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not looked at; the text says why.</summary>
    Skipped,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failure,
}
