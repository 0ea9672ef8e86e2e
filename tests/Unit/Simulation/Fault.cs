namespace Tributary.Tests.Unit.Simulation;

/// <summary>What may go wrong with one store operation.</summary>
internal enum Fault
{
    None,

    /// <summary>The caller gets <c>Unknown</c>, and nothing happened.</summary>
    ErrorBefore,

    /// <summary>The caller gets <c>Unknown</c>, though it is done.</summary>
    ErrorAfter,

    /// <summary>The caller gets <c>Unknown</c>; later it happens, if its conditions hold then.</summary>
    LandsLater,

    /// <summary>The caller gets <c>Throttled</c>, and nothing happened.</summary>
    Throttled,

    /// <summary>Request or answer takes very long.</summary>
    Slow,

    /// <summary>The lease is broken before the request arrives.</summary>
    LeaseLost,
}
