namespace Tributary.Storage.Head;

/// <summary>What became of a sample.</summary>
internal enum AppendResult
{
    /// <summary>It is the newest of its series.</summary>
    Added,

    /// <summary>It was there, bit for bit.</summary>
    Known,

    /// <summary>It is older than the newest one.</summary>
    Late,

    /// <summary>There was another value at its time.</summary>
    Conflict,
}
