namespace Tributary.Tests.Unit.Simulation;

/// <summary>One line of what happened. <paramref name="Argument"/> is a position or a count, −1 when there is none.</summary>
internal readonly record struct TraceEntry(
    TimeSpan At,
    string Who,
    string What,
    string Name,
    long Argument,
    string Outcome
);
