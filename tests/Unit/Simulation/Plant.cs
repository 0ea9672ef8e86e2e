namespace Tributary.Tests.Unit.Simulation;

/// <summary>What is wrong, on purpose, with a <see cref="StandInLog"/>.</summary>
internal enum Plant
{
    Nothing,

    /// <summary>After an unknown outcome it appends at whatever the length is then.</summary>
    RetryAtNewPosition,

    /// <summary>It takes an unknown outcome for success.</summary>
    BelievesUnknown,

    /// <summary>It takes a length that it did not expect for its own success.</summary>
    BelievesAnyLength,

    /// <summary>After an unknown outcome it looks, does not find the number, and writes it to another blob.</summary>
    MovesOnWithoutSealing,
}
