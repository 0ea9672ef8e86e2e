namespace Tributary.Storage.AppendLog;

/// <summary>The second byte of a frame's body.</summary>
[Flags]
internal enum RecordFlags : byte
{
    None = 0,

    /// <summary>The first record of a part.</summary>
    Begin = 1,

    /// <summary>The last record of a part; without it the part does not exist.</summary>
    End = 2,

    /// <summary>What follows the two bytes (labels, metadata) is a raw DEFLATE stream behind its length.</summary>
    Deflated = 4,

    /// <summary>Samples: deltas begin anew, nothing before is needed.</summary>
    Restart = 8,

    /// <summary>Samples: report series and staleness markers, not the body's.</summary>
    Added = 16,
}
