using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>A log, a clock that the test moves, samples that it writes, and any number of processes that evaluate rules.</summary>
internal sealed class EvaluatePlace
{
    public const long MinuteMs = 60_000;
    public const string File = "rules.yml";

    private readonly SimulatedStorage storage;
    private readonly LogWriter feeder;
    private byte writers;

    public EvaluatePlace()
    {
        storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
        feeder = Writer();
    }

    public ManualTime Time { get; } = new(LogBatches.NoonMs);

    public ScriptedBlobs Blobs { get; }

    public ITableStore Tables => storage.ImmediateTables();

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static string Key => SourceKey.RulesOf(File, "g");

    public static long At(double minute) => LogBatches.NoonMs + (long)(minute * MinuteMs);

    public static IReadOnlyList<RuleGroupConfig> Groups(string rules) =>
        rules.Length == 0 ? [] : RuleFileReader.Read($"groups:\n- name: g\n{rules}", File, new RuleFileOptions());

    /// <summary>Moves the clock to a minute.</summary>
    public void GoTo(double minute) => Time.Advance(TimeSpan.FromMilliseconds(At(minute) - NowMs));

    /// <summary>Puts a sample of <c>m</c> into the log.</summary>
    public async Task AddAsync(double minute, double value, string instance = "1")
    {
        var series = LabelSet.Of(LabelSet.MetricNameLabel, "m", "i", instance);
        await feeder.AppendAsync(
            [LogBatches.Of($"job/{instance}/0", At(minute), LogBatches.Columns((series, At(minute), value)))],
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>A process, which has read the log.</summary>
    public async Task<Process> StartAsync(string rules)
    {
        var process = new Process(this, Writer());
        process.Configure(rules);
        await process.Collect.LoadAsync(TestContext.Current.CancellationToken);
        process.Recent.LoadHistory();
        return process;
    }

    /// <summary>Everything that rules wrote, one a line: series, value or <c>stale</c>, minute.</summary>
    public async Task<string> WrittenAsync(string name = "")
    {
        var reader = await StartAsync("");
        var matcher = new LabelMatcher(
            LabelSet.MetricNameLabel,
            MatchOperator.Regex,
            name.Length == 0 ? "[^m].*" : name
        );
        var lines = new List<(long AtMs, string Text)>();
        foreach (
            var series in reader.Recent.Select(
                [new VectorSelector([matcher])],
                new TimeRange(LogBatches.NoonMs - Window.LengthMs, NowMs + Window.LengthMs)
            )
        )
        {
            foreach (var sample in series.Samples)
            {
                var text = Text(series.Labels, sample.Value);
                lines.Add((sample.TimestampMs, $"{series.Labels} {text} @{Minutes(sample.TimestampMs)}"));
            }
        }
        return string.Join(
            '\n',
            lines
                .Where(line => !line.Text.StartsWith("up{", StringComparison.Ordinal))
                .OrderBy(line => line.AtMs)
                .ThenBy(line => line.Text, StringComparer.Ordinal)
                .Select(line => line.Text)
        );
    }

    public static string Minutes(long timeMs) =>
        ((timeMs - LogBatches.NoonMs) / (double)MinuteMs).ToString(CultureInfo.InvariantCulture);

    private static string Text(LabelSet series, double value) =>
        StaleMarker.IsStale(value) ? "stale"
        : string.Equals(series.MetricName, ResultLabels.AlertsForState, StringComparison.Ordinal)
            ? $"since {Minutes((long)value * 1000)}"
        : value.ToString(CultureInfo.InvariantCulture);

    private LogWriter Writer()
    {
        var (writer, file) = (++writers, (byte)0);
        return new LogWriter(
            Blobs,
            Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, ++file])
        );
    }

    /// <summary>One process.</summary>
    internal sealed class Process
    {
        private readonly EvaluatePlace place;
        private readonly QueryEngine engine;

        public Process(EvaluatePlace place, LogWriter writer)
        {
            this.place = place;
            var series = new SeriesTable();
            Recent = new RecentLog(place.Blobs, series, writer, place.Time);
            var scraper = new Scraper(
                _ => throw new InvalidOperationException(),
                place.Time,
                series,
                new ScrapeLimits()
            );
            Collect = new CollectJob(
                new SourceCollector(scraper),
                new SourceLedger(place.Tables, place.Time),
                writer,
                Recent,
                TickSchedule.Aligned,
                place.Time
            );
            engine = new QueryEngine(new RecentSource(Recent), new EngineOptions { Parallelism = 1 }, place.Time);
            Job = new EvaluateJob(
                new EvaluateParts
                {
                    Writer = writer,
                    Recent = Recent,
                    Tables = place.Tables,
                    Queries = () => engine,
                    ReadOn = stop => IsBlind ? Task.CompletedTask : Collect.RefreshAsync(stop),
                    Sources = () => Sources,
                    Notify = (alerts, stop) =>
                    {
                        OnNotify();
                        Sent.AddRange(alerts.Select(Text));
                        return Task.CompletedTask;
                    },
                },
                TickSchedule.Aligned,
                place.Time
            );
            Collect.Evaluated = Job.Take;
        }

        public EvaluateJob Job { get; }

        public CollectJob Collect { get; }

        public RecentLog Recent { get; }

        /// <summary>What was sent: the alert, since when, and whether it is over.</summary>
        public List<string> Sent { get; } = [];

        /// <summary>What the sources are like.</summary>
        public IReadOnlyList<SourceCompleteness> Sources { get; set; } = [];

        /// <summary>Whether it does not see what others write.</summary>
        public bool IsBlind { get; set; }

        public Action OnNotify { get; set; } = () => { };

        public void Configure(string rules, RulesConfig? config = null) =>
            Job.Configure(Groups(rules), config ?? new RulesConfig(), new RuleSettings());

        /// <summary>One pass.</summary>
        public Task<int> RunAsync() => Job.RunAsync(TestContext.Current.CancellationToken);

        /// <summary>One pass at a minute.</summary>
        public Task<int> RunAsync(double minute)
        {
            place.GoTo(minute);
            return RunAsync();
        }

        private static string Text(FiringAlert alert) =>
            $"{alert.Labels.Get("i") ?? alert.Labels.ToString()} {Minutes(alert.StartsAtMs)}"
            + (alert.IsResolved ? $" to {Minutes(alert.EndsAtMs)}" : "");
    }

    /// <summary>The head as a source.</summary>
    private sealed class RecentSource(RecentLog recent) : QuerySource
    {
        public override Task<SourceSelection> SelectAsync(
            IReadOnlyList<LabelMatcher> matchers,
            TimeRange range,
            SourceLimits limits,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult(
                new SourceSelection(
                    [
                        .. recent
                            .Select([new VectorSelector(matchers)], range)
                            .OrderBy(series => series.Labels)
                            .Select(SourceSeries (series) => new Selected(series)),
                    ],
                    [],
                    0
                )
            );

        private sealed class Selected(SelectedSeries series) : SourceSeries(series.Labels, series.Samples.Count)
        {
            public override void Decode(TimeRange range, SampleBuffer buffer)
            {
                foreach (var sample in series.Samples)
                {
                    buffer.Add(sample.TimestampMs, sample.Value);
                }
            }
        }
    }
}
