namespace Tributary.Benchmarks.Scenarios;

/// <summary>What questions took both servers.</summary>
/// <param name="Answers">Of each question of <see cref="QueryQuestions.All"/>, in their order.</param>
/// <param name="Prometheus">Its load by several clients.</param>
/// <param name="Ours">Ours; null when it is not measured.</param>
internal sealed record QueryFigures(
    IReadOnlyList<QueryAnswer> Answers,
    ClientsFigures Prometheus,
    ClientsFigures? Ours
);

/// <summary>A question that both servers were asked in turn, again and again.</summary>
/// <param name="PrometheusMs">The median of Prometheus, on a connection of its own each time.</param>
/// <param name="OursMs">Ours; null when it is not measured.</param>
/// <param name="Bytes">The length of the answer of Prometheus.</param>
/// <param name="Difference">In what the answers differ, or null.</param>
internal sealed record QueryAnswer(double PrometheusMs, double? OursMs, long Bytes, string? Difference);

/// <summary>What several clients at once got from a server.</summary>
/// <param name="QueriesPerSecond">Whole answers by time.</param>
/// <param name="PeakMiB">The most that was resident meanwhile.</param>
internal sealed record ClientsFigures(double QueriesPerSecond, double PeakMiB);
