namespace Tributary.Tests.Unit.Simulation;

/// <summary>When, relative to the effect of a store call, an instance is killed.</summary>
internal enum KillMoment
{
    /// <summary>The call never happens.</summary>
    BeforeEffect,

    /// <summary>The call has happened; the instance does not learn it.</summary>
    AfterEffect,

    /// <summary>The call happens at a seeded time after the kill, if its conditions hold then.</summary>
    LandsLater,

    /// <summary>The call happens when the world says so (<see cref="SimulatedWorld.LandWithheld"/>).</summary>
    Withheld,
}
