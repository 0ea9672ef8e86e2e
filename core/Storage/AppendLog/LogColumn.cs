using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>One samples record of a part, not decoded yet.</summary>
/// <param name="Part">The part that it belongs to.</param>
/// <param name="Body">The bytes behind the record's own header: timestamps, values.</param>
/// <param name="OffsetBytes">Where <paramref name="Body"/> is in the file.</param>
/// <param name="Added">Report series and markers, not the body's samples.</param>
/// <param name="Slice">Which slice of the batch's positions.</param>
/// <param name="Restart">Whether it needs nothing before it.</param>
/// <param name="Range">The first and last sample time.</param>
/// <param name="List">The series.</param>
internal sealed record LogColumn(
    LogPart Part,
    ReadOnlyMemory<byte> Body,
    long OffsetBytes,
    bool Added,
    int Slice,
    bool Restart,
    TimeRange Range,
    SeriesList List
)
{
    /// <summary>The records with its histograms, in order of positions: their bytes, and where they are in the file.</summary>
    public List<(ReadOnlyMemory<byte> Body, long OffsetBytes)> Histograms { get; } = [];
}
