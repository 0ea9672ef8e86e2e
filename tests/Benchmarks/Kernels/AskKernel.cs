using System.Globalization;
using Tributary.Benchmarks.Claims;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Scenarios;

namespace Tributary.Benchmarks.Kernels;

/// <summary>The parts of the queries claim, over servers that somebody else starts: for profiling.</summary>
internal static class AskKernel
{
    /// <summary>Writes the same blocks for Prometheus and for us.</summary>
    public static async Task<int> WriteAsync(Arguments arguments, CancellationToken cancellation)
    {
        var settings = new Settings();
        var folder = arguments.Text("--out") ?? throw new BenchmarkException("--out FOLDER is needed");
        var series = arguments.Number("--series", settings.HistorySeries);
        var hours = arguments.Number("--hours", 6);
        arguments.RefuseTheRest();
        var ours = Directory.CreateDirectory(Path.Combine(folder, "tributary")).FullName;
        var blocks = await BlockHistory.WriteAsync(ours, series, hours, settings.HistoryStep, cancellation);
        var theirs = Directory.CreateDirectory(Path.Combine(folder, "prometheus")).FullName;
        await BlockHistory.CopyAsync(ours, blocks, theirs, cancellation);
        Console.WriteLine(QueryScenario.EndSeconds());
        return 0;
    }

    /// <summary>Asks both and prints the table.</summary>
    public static int Run(Arguments arguments)
    {
        var settings = new Settings();
        var end = arguments.Number("--end", 0);
        var prometheus = Server(arguments, "--prometheus-port", "--prometheus-process");
        var ours = Server(arguments, "--port", "--process");
        var clients = arguments.Seconds("--clients", settings.Clients);
        var repetitions = arguments.Number("--repetitions", settings.Repetitions);
        arguments.RefuseTheRest();
        var figures = QueryScenario.Measure(prometheus, ours, end, repetitions, clients);
        Console.WriteLine(ClaimRow.Head);
        foreach (var row in QueryClaim.Rows(figures, null))
        {
            Console.WriteLine(row.ToString());
        }
        return 0;
    }

    private static AskedServer Server(Arguments arguments, string port, string process) =>
        new(
            arguments.Number(port, 0),
            int.Parse(arguments.Text(process) ?? "0", NumberStyles.None, CultureInfo.InvariantCulture)
        );
}
