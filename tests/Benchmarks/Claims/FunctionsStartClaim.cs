using System.Globalization;

namespace Tributary.Benchmarks.Claims;

/// <summary>From nothing to the first answer, as a function app.</summary>
internal sealed class FunctionsStartClaim() : Claim("functions-start")
{
    private const double MaxMs = 300;

    public override async Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run)
    {
        var ours = await run.FunctionsStartsAsync(run.Ours);
        return
        [
            new ClaimRow(
                "function app: process start → first `/federate` answer over an empty Azurite",
                "ms",
                null,
                ours.Figure(f => f.FirstAnswerMs),
                Target.AtMost(MaxMs, "ms"),
                Notes(
                    ours.Problem,
                    ours.Value is { } f
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $"the host's ping is answered after {f.ReadyMs:F0} ms, the slowest start took {f.SlowestMs:F0} ms"
                        )
                        : null
                )
            ),
        ];
    }
}
