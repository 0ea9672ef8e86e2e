namespace Tributary.RemoteWrite;

/// <summary>Why parts of a request of remote write are not stored, while the rest is.</summary>
internal enum WriteProblem
{
    /// <summary>A series without a name, with a label twice, without a label's name, or not in UTF-8.</summary>
    InvalidLabels,

    /// <summary>A series with a reserved label, with too many labels or too long ones.</summary>
    RefusedLabels,

    /// <summary>A series or family that refers to texts which the message does not have.</summary>
    BadReference,

    /// <summary>A series of 2.0 without samples.</summary>
    NoSamples,

    /// <summary>A sample that is older than what is accepted.</summary>
    TooOld,

    /// <summary>A sample too far in the future.</summary>
    TooFarAhead,

    /// <summary>A native histogram that is none.</summary>
    InvalidHistogram,
}
