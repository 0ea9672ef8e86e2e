using System.Text;
using Tributary.Benchmarks.Claims;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks;

/// <summary>Runs claims and writes what came of them as markdown.</summary>
internal static class Report
{
    /// <summary>Runs the claims in order and prints each row as soon as it is there.</summary>
    /// <returns>Whether every claim was measured.</returns>
    public static async Task<bool> RunAsync(
        Settings settings,
        IReadOnlyList<Claim> claims,
        CancellationToken cancellation
    )
    {
        using var scratch = new Scratch();
        var prometheus = new PrometheusKind(settings.Prometheus);
        var ours = await OursAsync(settings, scratch, cancellation);
        var run = new BenchmarkRun(settings, scratch, prometheus, ours, cancellation);
        var text = new StringBuilder();
        Write(
            text,
            MachineFacts.Text(
                prometheus.Executable,
                settings.StandIn ? "a second Prometheus" : ours?.Executable,
                settings
            )
        );
        Write(text, "");
        Write(text, ClaimRow.Head);
        var whole = true;
        foreach (var claim in claims)
        {
            foreach (var row in await claim.RunAsync(run))
            {
                Write(text, row.ToString());
                whole &= ours is null || row.IsMeasured;
            }
        }

        var folder = Directory.CreateDirectory(Path.Combine(TributaryBuild.Root(), "artifacts", "benchmarks")).FullName;
        var file = Path.Combine(folder, $"results-{DateTime.UtcNow:yyyyMMdd-HHmmss}.md");
        await File.WriteAllTextAsync(file, text.ToString(), CancellationToken.None);
        await Console.Error.WriteLineAsync("written to " + file);
        return whole;
    }

    private static async Task<ServerKind?> OursAsync(Settings settings, Scratch scratch, CancellationToken cancellation)
    {
        if (settings.PrometheusOnly)
        {
            return null;
        }

        if (settings.StandIn)
        {
            return new PrometheusKind(settings.Prometheus);
        }

        return new TributaryKind(settings.Tributary ?? await TributaryBuild.PublishAsync(scratch, cancellation));
    }

    private static void Write(StringBuilder text, string line)
    {
        text.Append(line).Append('\n');
        Console.WriteLine(line);
    }
}
