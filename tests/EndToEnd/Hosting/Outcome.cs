namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>How an invocation ended, as the host reports it.</summary>
internal enum Outcome
{
    Succeeded,
    Failed,

    /// <summary>Not ended within the function's time; the handler was killed for it.</summary>
    TimedOut,
}
