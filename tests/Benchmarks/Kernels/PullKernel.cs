using System.Diagnostics;
using System.Globalization;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Processes;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.HttpClients;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.Kernels;

/// <summary>
/// Minutes of a few sources, collected in one mode and put into a log: four scrapes a minute, or one pull. The clock is the
/// kernel's own, so that no minute has to be waited for. Before each scrape the source gets a new sample of each series, which
/// is not counted: a scrape that finds the same as the one before costs next to nothing.
/// </summary>
internal static class PullKernel
{
    public const string Cpu = "pull_cpu_seconds";
    public const string SourceCpu = "pull_source_cpu_seconds";
    public const string Busy = "pull_busy_seconds";
    public const string Requests = "pull_requests";
    public const string Bytes = "pull_bytes";
    public const string Samples = "pull_samples";

    private const int ScrapesPerMinute = 4;

    /// <summary>All new samples of the source are of so short a time.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    /// <summary>Minutes that are not counted: the first look of a mode, and code that is compiled.</summary>
    public const int WarmUps = 16;

    /// <summary>Then what is used much is compiled once more, beside the work.</summary>
    private static readonly TimeSpan Compiling = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var port = arguments.Number("--port", 9090);
        var process = arguments.Number("--process", 1);
        var sources = arguments.Number("--sources", 5);
        var series = arguments.Number("--series", 5000);
        var minutes = arguments.Number("--minutes", 20);
        var folder = arguments.Text("--folder") ?? throw new BenchmarkException("--folder FOLDER is needed");
        var mode = arguments.Text("--mode") switch
        {
            "federate" => PullMode.Federate,
            "range" => PullMode.Range,
            "remote_read" => PullMode.RemoteRead,
            _ => throw new BenchmarkException("--mode federate, range or remote_read is needed"),
        };
        var end = long.Parse(arguments.Text("--end") ?? "0", CultureInfo.InvariantCulture);
        arguments.RefuseTheRest();
        var served = new Served(port, process, series);
        using var kernel = new Run(served, sources, mode, folder, end - ((minutes + WarmUps) * 60_000L));
        for (var minute = 0; minute < WarmUps; minute++)
        {
            await kernel.MinuteAsync(cancellation);
        }
        await Task.Delay(Compiling, cancellation);
        var (before, countsBefore) = (kernel.Used, kernel.Counts);
        for (var minute = 0; minute < minutes; minute++)
        {
            await kernel.MinuteAsync(cancellation);
        }
        var (used, counts) = (kernel.Used - before, kernel.Counts - countsBefore);
        Console.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Cpu} {used.OwnSeconds}\n{SourceCpu} {used.SourceSeconds}\n{Busy} {used.BusySeconds}\n"
                    + $"{Requests} {counts.Requests}\n{Bytes} {counts.Bytes}\n{Samples} {counts.Samples}\n"
            )
        );
        return 0;
    }

    /// <summary>The server that is all the sources.</summary>
    private sealed record Served(int Port, int Process, int Series);

    /// <summary>What was used so far, or since then.</summary>
    private readonly record struct Usage(double OwnSeconds, double SourceSeconds, double BusySeconds)
    {
        public static Usage operator +(Usage left, Usage right) =>
            new(
                left.OwnSeconds + right.OwnSeconds,
                left.SourceSeconds + right.SourceSeconds,
                left.BusySeconds + right.BusySeconds
            );

        public static Usage operator -(Usage left, Usage right) =>
            new(
                left.OwnSeconds - right.OwnSeconds,
                left.SourceSeconds - right.SourceSeconds,
                left.BusySeconds - right.BusySeconds
            );

        public static Usage Now(int source)
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            return new Usage(
                self.TotalProcessorTime.TotalSeconds,
                ProcessFigures.Of(source).CpuSeconds,
                Stopwatch.GetElapsedTime(0).TotalSeconds
            );
        }
    }

    private readonly record struct Counted(long Requests, long Bytes, long Samples)
    {
        public static Counted operator -(Counted left, Counted right) =>
            new(left.Requests - right.Requests, left.Bytes - right.Bytes, left.Samples - right.Samples);
    }

    /// <summary>One process' worth of collecting.</summary>
    private sealed class Run : IDisposable
    {
        private readonly GivenTime time;
        private readonly CountingHandler http;
        private readonly SourceCollector collector;
        private readonly LogWriter log;
        private readonly List<(Target Target, SourceState State)> sources = [];
        private readonly Dictionary<string, SourceMemory> memories = new(StringComparer.Ordinal);
        private readonly Served served;
        private readonly PullMode mode;
        private long bytes;
        private long samples;

        public Run(Served served, int count, PullMode mode, string folder, long beginMs)
        {
            this.served = served;
            this.mode = mode;
            time = new GivenTime(beginMs / 60_000 * 60_000);
            var client = HttpClientFactory.Create(new ScrapeConfig { JobName = "bench" }.Http, TimeProvider.System);
            http = new CountingHandler(client);
            var invoker = new HttpMessageInvoker(http);
            // What is scraped is of now, whatever the kernel's clock says.
            var limits = new ScrapeLimits { MaxAhead = TimeSpan.FromDays(1), MaxAge = TimeSpan.FromDays(1) };
            collector = new SourceCollector(new Scraper(_ => invoker, time, new SeriesTable(), limits));
            log = new LogWriter(
                new LocalBlobStore(folder, TimeProvider.System),
                TimeProvider.System,
                () => Ulid.New(TimeProvider.System, Random.Shared)
            );
            for (var i = 0; i < count; i++)
            {
                var state = collector.CreateState();
                state.MarkLoaded();
                sources.Add((Source(served.Port, i, mode), state));
            }
        }

        /// <summary>What collecting has used.</summary>
        public Usage Used { get; private set; }

        public Counted Counts => new(http.Requests, bytes, samples);

        public async Task MinuteAsync(CancellationToken cancellation)
        {
            var ticks = mode is PullMode.Federate ? ScrapesPerMinute : 1;
            for (var tick = 0; tick < ticks; tick++)
            {
                time.NowMs += 60_000 / ticks;
                if (mode is PullMode.Federate)
                {
                    var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                    var newest = new PastSamples(served.Series, Moment, Moment, now);
                    await RemoteWriteHistory.WriteAsync(served.Port, newest, cancellation);
                }
                var before = Usage.Now(served.Process);
                var collected = await Task.WhenAll(sources.Select(one => CollectAsync(one, cancellation)));
                await log.AppendAsync([.. collected], cancellation);
                for (var i = 0; i < sources.Count; i++)
                {
                    sources[i].State.Apply(collected[i]);
                }
                Used += Usage.Now(served.Process) - before;
            }
        }

        public void Dispose() => http.Dispose();

        private async Task<Batch> CollectAsync(
            (Target Target, SourceState State) source,
            CancellationToken cancellation
        )
        {
            var key = source.Target.Source;
            SourceMemory memory;
            lock (memories)
            {
                memory = memories.GetValueOrDefault(key) ?? new SourceMemory(key);
            }
            var turn = new SourceTurn([source.Target], source.State, memory, time.NowMs);
            var collected = await collector.CollectAsync(turn, cancellation);
            var report = collected.Batch.Report;
            if (report.Verdict is not (Verdict.Complete or Verdict.Suspect))
            {
                throw new BenchmarkException($"{key}: {report.Verdict}: {report.Error}");
            }
            Interlocked.Add(ref bytes, report.BodyBytes);
            Interlocked.Add(ref samples, collected.Batch.Scraped.Count);
            lock (memories)
            {
                memories[key] = collected.Memory;
            }
            return collected.Batch;
        }

        private static Target Source(int port, int number, PullMode mode) =>
            new()
            {
                Source = string.Create(CultureInfo.InvariantCulture, $"bench/{number}/0"),
                Config = new ScrapeConfig
                {
                    JobName = "bench",
                    HonorLabels = true,
                    Source = new SourceConfig { Pull = mode },
                },
                Url = new Uri($"http://127.0.0.1:{port}/federate?match[]=%7Bjob%3D~%22.%2B%22%7D"),
                Labels = LabelSet.Of("job", "bench", "source", number.ToString(CultureInfo.InvariantCulture)),
                Interval = TimeSpan.FromMinutes(1),
                Timeout = TimeSpan.FromSeconds(30),
                IsFederate = true,
            };
    }

    /// <summary>A clock that goes on when it is told to; its timers are real.</summary>
    private sealed class GivenTime(long nowMs) : TimeProvider
    {
        public long NowMs { get; set; } = nowMs;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }

    private sealed class CountingHandler(HttpMessageInvoker inner) : HttpMessageHandler
    {
        private long requests;

        public long Requests => Interlocked.Read(ref requests);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token)
        {
            Interlocked.Increment(ref requests);
            return inner.SendAsync(request, token);
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
