namespace Tributary.Storage.Chunks;

/// <summary>What a histogram chunk says of its beginning, in the two high bits of its flags.</summary>
internal enum CounterResetHeader : byte
{
    /// <summary>Nothing.</summary>
    Unknown = 0b00,

    /// <summary>No reset lies between the chunk before and this one.</summary>
    NotCounterReset = 0b01,

    /// <summary>A reset lies between the chunk before and this one.</summary>
    CounterReset = 0b10,

    /// <summary>The chunk holds gauge histograms.</summary>
    Gauge = 0b11,
}
