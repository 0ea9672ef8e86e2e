using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Claims;

/// <summary>What stands beside every `/federate` figure: whether both answers are the same work, and their size.</summary>
internal static class FederateNotes
{
    /// <summary>Whether our answer has fewer series than Prometheus' answer.</summary>
    public static bool IsShort(
        Outcome<SteadyFigures> prometheus,
        Outcome<SteadyFigures> ours,
        Func<SteadyFigures, FederateReading> select
    ) => ours.Figure(f => select(f).Series) < 0.99 * prometheus.Figure(f => select(f).Series);

    public static string Text(
        Outcome<SteadyFigures> prometheus,
        Outcome<SteadyFigures> ours,
        Func<SteadyFigures, FederateReading> select
    ) =>
        string.Join(
            "; ",
            new[] { Side("Prometheus", prometheus, select), Side("ours", ours, select) }.Where(t => t.Length > 0)
        );

    private static string Side(string name, Outcome<SteadyFigures> outcome, Func<SteadyFigures, FederateReading> select)
    {
        if (outcome.Value is null)
        {
            return outcome.Problem is { } problem ? $"{name}: {problem}" : "";
        }

        var reading = select(outcome.Value);
        return $"{name}: {reading.Series} series, {ClaimRow.Number(reading.WireBytes / 1e6)} MB, "
            + $"p95 {ClaimRow.Number(reading.SlowMs)} ms, CPU {ClaimRow.Number(reading.CpuMs)} ms, "
            + $"first byte {ClaimRow.Number(reading.FirstByteMs)} ms";
    }
}
