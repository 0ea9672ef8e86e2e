namespace Tributary.Benchmarks.Scenarios;

/// <summary>Medians of several starts over the same history.</summary>
/// <param name="FirstAnswerMs">From before the process was started to the first whole `/federate` answer.</param>
/// <param name="DecodedMs">To all of the history decoded in memory.</param>
/// <param name="Series">Series in that first answer.</param>
/// <param name="Samples">Samples in the history.</param>
internal sealed record StartFigures(double FirstAnswerMs, double DecodedMs, long Series, long Samples);
