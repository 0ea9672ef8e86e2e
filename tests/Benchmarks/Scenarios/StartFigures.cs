namespace Tributary.Benchmarks.Scenarios;

/// <summary>Medians of several starts over the same history.</summary>
/// <param name="FirstAnswerMs">From before the process was started to the first whole `/federate` answer.</param>
/// <param name="Decoded">Milliseconds to all of the history decoded in memory, if the server says when that is.</param>
/// <param name="Series">Series in that first answer.</param>
/// <param name="Samples">Samples in the history.</param>
internal sealed record StartFigures(double FirstAnswerMs, Outcome<double> Decoded, long Series, long Samples);
