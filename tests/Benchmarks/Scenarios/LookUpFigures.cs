namespace Tributary.Benchmarks.Scenarios;

/// <summary>What look-ups over blocks take.</summary>
/// <param name="Answers">Of each question of <see cref="LookUpScenario.Questions"/>, in their order.</param>
/// <param name="FirstAnswerMs">Median of starts: from before the start of the process to the first whole answer for one metric.</param>
internal sealed record LookUpFigures(IReadOnlyList<LookUpAnswer> Answers, double FirstAnswerMs);

/// <summary>A question asked again and again.</summary>
/// <param name="TotalMs">The median, on a connection of its own each time.</param>
/// <param name="Bytes">The length of the answer.</param>
internal sealed record LookUpAnswer(double TotalMs, long Bytes);
