namespace Tributary.Benchmarks.Scenarios;

/// <summary>Medians of several starts as a function app.</summary>
/// <param name="ReadyMs">From before the process was started to the answer to the host's ping.</param>
/// <param name="FirstAnswerMs">To the first `/federate` answer.</param>
/// <param name="SlowestMs">The slowest of these.</param>
internal sealed record FunctionsStartFigures(double ReadyMs, double FirstAnswerMs, double SlowestMs);
