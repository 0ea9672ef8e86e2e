using Tributary.Model;

namespace Tributary.RemoteWrite.Sending;

/// <summary>A sample on its way out.</summary>
/// <param name="Series">The series.</param>
/// <param name="TimestampMs">Milliseconds since the epoch.</param>
/// <param name="Value">The float, bit for bit; not used where there is a histogram.</param>
/// <param name="Histogram">The native histogram; null for a float.</param>
/// <param name="Index">Its number in the part of the log that it is from.</param>
internal readonly record struct QueuedSample(
    LabelSet Series,
    long TimestampMs,
    double Value,
    Histogram? Histogram,
    int Index
);
