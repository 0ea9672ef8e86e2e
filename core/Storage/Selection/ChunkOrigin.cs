using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>Where chunks come from.</summary>
/// <param name="Rank">Of several samples at one time that of the lowest rank counts.</param>
/// <param name="Name">The name for errors.</param>
/// <param name="Range">The time for which it counts.</param>
internal sealed record ChunkOrigin(int Rank, string Name, TimeRange Range);
