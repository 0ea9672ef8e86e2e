namespace Tributary.Tests.Unit.Simulation;

/// <summary>The simulation itself cannot go on: a deadlock, an endless run, code that left the thread.</summary>
internal sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A scenario failed; the message holds the seed or crash point, the reason and the trace.</summary>
internal sealed class SimulationFailedException(string message, Exception inner) : Exception(message, inner);
