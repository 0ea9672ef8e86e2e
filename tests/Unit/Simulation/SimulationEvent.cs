namespace Tributary.Tests.Unit.Simulation;

/// <summary>Something that happens at a virtual time.</summary>
internal abstract class SimulationEvent
{
    /// <summary>Runs on the scheduler's thread, without a synchronization context.</summary>
    public abstract void Fire();
}

/// <summary>An event that calls a delegate.</summary>
internal sealed class ActionEvent(Action action) : SimulationEvent
{
    public override void Fire() => action();
}

/// <summary>By virtual time; at the same time by a seeded number.</summary>
internal readonly record struct EventOrder(long Ticks, ulong Tie) : IComparable<EventOrder>
{
    public int CompareTo(EventOrder other) =>
        Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Tie.CompareTo(other.Tie);
}
