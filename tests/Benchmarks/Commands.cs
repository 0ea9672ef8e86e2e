using Tributary.Benchmarks.Claims;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Kernels;
using Tributary.Benchmarks.Sources;
using Tributary.Benchmarks.Workload;
using Tributary.Model;

namespace Tributary.Benchmarks;

/// <summary>The verbs of the executable.</summary>
internal static class Commands
{
    private const string Usage = """
        benchmarks all | CLAIM…      measure claims (benchmarks list names them)
          --quick --warm-up S --measure S --interval S --sources N --series N
          --parse-series N --parse-interval S --parse-scrapes N --starts N --repetitions N --clients S
          --block-days N --block-series N
          --tributary PATH --prometheus PATH --stand-in --prometheus-only
        benchmarks list              the claims
        benchmarks check             the workload against its description: --series N
        benchmarks body              one body to a file: --series N --out FILE --openmetrics
        benchmarks parse             a kernel here: --body FILE, or --port P; --kernel parse|openmetrics|relabel|receive
          --scrapes N --interval S
        benchmarks history           log that ends now: --series N --hours N --interval S --out FOLDER
          --ended                    … that ends with the last window that is over
        benchmarks compact           makes blocks of a log, and one of these: --folder FOLDER, --memory MB
        benchmarks select            look-ups and selections over a store: --folder FOLDER, --repetitions N
        benchmarks blocks            the same blocks for Prometheus and for us: --series N --hours N --out FOLDER
        benchmarks ask               the queries of two servers that run over these: --end SECONDS
          --port P --process ID --prometheus-port P --prometheus-process ID --repetitions N --clients S
        benchmarks pull              minutes of a Prometheus that rests: --port P --process ID --end MILLISECONDS
          --mode federate|range|remote_read --sources N --minutes N --folder FOLDER
        benchmarks load              reads a log as a start does, cold, and prints the times: --folder FOLDER
        benchmarks serve-sources     the fake sources: --port P --sources N --series N --interval S --gzip
        """;

    /// <returns>0: measured; 1: something was not; 2: the command line is wrong.</returns>
    public static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        switch (arguments.Words.FirstOrDefault())
        {
            case null:
                Console.WriteLine(Usage);
                return 2;
            case "list":
                Console.WriteLine(string.Join('\n', Claim.All.Select(c => c.Name)));
                return 0;
            case "check":
                var series = arguments.Number("--series", 10_000);
                arguments.RefuseTheRest();
                return WorkloadCheck.Run(Console.Out, series) ? 0 : 1;
            case "body":
                return await BodyAsync(arguments, cancellation);
            case "parse":
                return await ParseAsync(arguments, cancellation);
            case "history":
                return await HistoryAsync(arguments, cancellation);
            case "compact":
                return await CompactKernel.RunAsync(arguments, cancellation);
            case "select":
                return await SelectKernel.RunAsync(arguments, cancellation);
            case "blocks":
                return await AskKernel.WriteAsync(arguments, cancellation);
            case "ask":
                return AskKernel.Run(arguments);
            case "pull":
                return await PullKernel.RunAsync(arguments, cancellation);
            case "load":
                return await LoadKernel.RunAsync(arguments, cancellation);
            case "serve-sources":
                return await ServeAsync(arguments, cancellation);
            default:
                return await MeasureAsync(arguments, cancellation);
        }
    }

    private static async Task<int> MeasureAsync(Arguments arguments, CancellationToken cancellation)
    {
        var claims = Claim.All.Where(c => arguments.Words.Contains("all") || arguments.Words.Contains(c.Name)).ToList();
        var unknown = arguments.Words.Where(w => w != "all" && claims.TrueForAll(c => c.Name != w)).ToList();
        if (unknown.Count > 0)
        {
            throw new BenchmarkException($"no claim {string.Join(", ", unknown)}\n{Usage}");
        }

        var basis = new Settings();
        basis = arguments.Flag("--quick") ? basis.Quick() : basis;
        var settings = basis with
        {
            Prometheus = arguments.Text("--prometheus") ?? basis.Prometheus,
            Tributary = arguments.Text("--tributary"),
            StandIn = arguments.Flag("--stand-in"),
            PrometheusOnly = arguments.Flag("--prometheus-only"),
            Sources = arguments.Number("--sources", basis.Sources),
            Series = arguments.Number("--series", basis.Series),
            Interval = arguments.Seconds("--interval", basis.Interval),
            WarmUp = arguments.Seconds("--warm-up", basis.WarmUp),
            Measure = arguments.Seconds("--measure", basis.Measure),
            ParseSeries = arguments.Number("--parse-series", basis.ParseSeries),
            ParseInterval = arguments.Seconds("--parse-interval", basis.ParseInterval),
            ParseScrapes = arguments.Number("--parse-scrapes", basis.ParseScrapes),
            Starts = arguments.Number("--starts", basis.Starts),
            BlockDays = arguments.Number("--block-days", basis.BlockDays),
            BlockSeries = arguments.Number("--block-series", basis.BlockSeries),
            Repetitions = arguments.Number("--repetitions", basis.Repetitions),
            Clients = arguments.Seconds("--clients", basis.Clients),
        };
        arguments.RefuseTheRest();
        return await Report.RunAsync(settings, claims, cancellation) ? 0 : 1;
    }

    private static async Task<int> BodyAsync(Arguments arguments, CancellationToken cancellation)
    {
        var series = arguments.Number("--series", 163_000);
        var file = arguments.Text("--out") ?? throw new BenchmarkException("--out FILE is needed");
        var isOpenMetrics = arguments.Flag("--openmetrics");
        arguments.RefuseTheRest();
        var body = WorkloadCheck.Body(new SourceWorkload(0, series), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await File.WriteAllBytesAsync(file, isOpenMetrics ? OpenMetricsBody.Of(body) : body, cancellation);
        return 0;
    }

    private static async Task<int> HistoryAsync(Arguments arguments, CancellationToken cancellation)
    {
        var settings = new Settings();
        var series = arguments.Number("--series", settings.HistorySeries);
        var step = arguments.Seconds("--interval", settings.HistoryStep);
        var folder = arguments.Text("--out") ?? throw new BenchmarkException("--out FOLDER is needed");
        var hours = arguments.Number("--hours", (int)settings.HistoryRange.TotalHours);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        now = arguments.Flag("--ended") ? Window.Of(now).StartMs - (long)step.TotalMilliseconds : now;
        arguments.RefuseTheRest();
        var past = new PastSamples(series, TimeSpan.FromHours(hours), step, now);
        await TributaryHistory.WriteAsync(Directory.CreateDirectory(folder).FullName, past, cancellation);
        return 0;
    }

    private static async Task<int> ServeAsync(Arguments arguments, CancellationToken cancellation)
    {
        var port = arguments.Number("--port", 19_100);
        var interval = arguments.Seconds("--interval", TimeSpan.FromSeconds(5));
        var server = new SourceServer(
            arguments.Number("--sources", 10),
            arguments.Number("--series", 10_000),
            (long)interval.TotalMilliseconds,
            arguments.Flag("--gzip")
        );
        arguments.RefuseTheRest();
        await server.RunAsync(port, cancellation);
        return 0;
    }

    private static async Task<int> ParseAsync(Arguments arguments, CancellationToken cancellation)
    {
        Func<Stream, CancellationToken, Task<long>> scrape = arguments.Text("--kernel") switch
        {
            null or "parse" => new ParseKernel(ParseKernel.Text, []).ScrapeAsync,
            "openmetrics" => new ParseKernel(ParseKernel.OpenMetrics, []).ScrapeAsync,
            "relabel" => new ParseKernel(ParseKernel.Text, TypicalRules.All).ScrapeAsync,
            "receive" => ReceiveKernel.ScrapeAsync,
            var other => throw new BenchmarkException($"no kernel {other}"),
        };
        var scrapes = arguments.Number("--scrapes", 12);
        var interval = arguments.Seconds("--interval", TimeSpan.FromMilliseconds(1));
        var file = arguments.Text("--body");
        var port = arguments.Number("--port", 19_100);
        arguments.RefuseTheRest();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler);
        Task<Stream> OpenAsync(CancellationToken c) =>
            file is null
                ? client.GetStreamAsync($"http://127.0.0.1:{port}/s/0/federate", c)
                : Task.FromResult<Stream>(File.OpenRead(file));
        await KernelRun.RunAsync(scrape, OpenAsync, scrapes, interval, Console.Out, cancellation);
        return 0;
    }
}
