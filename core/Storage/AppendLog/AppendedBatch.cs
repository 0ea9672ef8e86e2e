using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>A batch that is safely in the log.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Home">The file that holds the part with the report.</param>
/// <param name="OffsetBytes">Where in it the append began that carried the part.</param>
/// <param name="Others">The files that hold the other parts.</param>
public sealed record AppendedBatch(Batch Batch, LogFileName Home, long OffsetBytes, IReadOnlyList<LogFileName> Others);
