using System.Globalization;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Claims;

/// <summary>How often the store is asked, for each tick of a source; one append at most.</summary>
internal sealed class StoreOperationsClaim() : Claim("operations")
{
    /// <summary>A tick that is taken twice around a boundary of the measured time is not an operation too many.</summary>
    private const double Tolerated = 1.02;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var ours = await run.SteadyAsync(run.Ours);
        // A server that counts no appends has not shown that it needs none.
        var appends =
            ours.Value is { } f && f.Operations.TryGetValue(MetricNames.AppendClass, out var count)
                ? count / f.Scrapes
                : (double?)null;
        var classes = ours.Value is { } value
            ? string.Join(
                ", ",
                value.Operations.Select(o =>
                    string.Create(CultureInfo.InvariantCulture, $"{o.Key} {o.Value} in {value.Scrapes} ticks")
                )
            )
            : "";
        return
        [
            new ClaimRow(
                "appends per tick of a source",
                "operations",
                null,
                appends,
                Target.AtMost(Tolerated, "operations"),
                Notes(
                    ours.Problem,
                    ours.Value is not null && appends is null ? $"no metric {MetricNames.StoreOperations}" : null,
                    classes,
                    ours.Value is { CrossedWindow: true } ? "a window ended meanwhile" : null
                )
            ),
        ];
    }
}
