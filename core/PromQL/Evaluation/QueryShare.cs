using Tributary.PromQL.Columns;

namespace Tributary.PromQL.Evaluation;

/// <summary>What the queries of an engine have in common.</summary>
/// <param name="Memory">What they hold.</param>
/// <param name="Helpers">The threads beside the one that each of them has.</param>
internal sealed record QueryShare(SharedMemory Memory, SemaphoreSlim Helpers);
