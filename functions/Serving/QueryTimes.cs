namespace Tributary.Functions.Serving;

/// <summary>The times of a query in milliseconds since the epoch.</summary>
/// <param name="StartMs">The first moment; null is all time.</param>
/// <param name="EndMs">The last moment; null is all time.</param>
/// <param name="StepMs">From step to step.</param>
internal readonly record struct QueryTimes(long? StartMs, long? EndMs, long StepMs);
