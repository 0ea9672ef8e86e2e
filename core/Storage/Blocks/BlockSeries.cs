using Tributary.Model;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>A series of a block that was selected, with its chunks of the range.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Chunks">The chunks, in time order.</param>
/// <param name="Deleted">Ranges whose samples do not count, ordered and apart.</param>
internal sealed record BlockSeries(LabelSet Labels, IReadOnlyList<ChunkPlace> Chunks, IReadOnlyList<TimeRange> Deleted);
