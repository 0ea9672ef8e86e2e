using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Federation;

/// <summary>One source in virtual time, and processes that collect it one after the other.</summary>
internal sealed class SplitPlace
{
    public const long StepMs = 15_000;

    private readonly SimulationScheduler scheduler = new(1);
    private SplitCollector collector;
    private SourceState state;
    private long tickMs = SimulatedTime.Start.ToUnixTimeMilliseconds();

    public SplitPlace(IEnumerable<LabelSet> series, params string[] selectors)
    {
        Model = new FederateModel(scheduler.Time, series);
        var query = string.Join('&', selectors.Select(text => "match[]=" + Uri.EscapeDataString(text)));
        Target = new Target
        {
            Source = "job/source:1/0",
            Config = new ScrapeConfig { JobName = "job", HonorLabels = true },
            Url = new Uri($"http://source:1/prefix/federate?{query}"),
            Labels = LabelSet.Of("job", "job", "instance", "source:1"),
            Interval = TimeSpan.FromMilliseconds(StepMs),
            Timeout = TimeSpan.FromSeconds(10),
            IsFederate = true,
        };
        (collector, state) = NewProcess();
    }

    public FederateModel Model { get; }

    public Target Target { get; set; }

    public SplitMemory Memory { get; set; } = SplitMemory.Empty;

    public SplitMode Mode
    {
        set => Target = Target with { Config = Target.Config with { Source = new SourceConfig { Split = value } } };
    }

    /// <summary>Another process goes on, with what was stored of the plan, and with the batches in the log.</summary>
    public void Restart(params IEnumerable<Batch> log)
    {
        var writer = new ByteWriter();
        Memory.Encode(writer);
        var reader = new ByteReader(writer.WrittenSpan, "memory");
        Memory = SplitMemory.Decode(ref reader);
        Assert.Equal(0, reader.Remaining);
        (collector, state) = NewProcess();
        foreach (var batch in log)
        {
            state.Apply(batch);
        }
        state.MarkLoaded();
    }

    /// <summary>Collects at one tick after the other.</summary>
    public IReadOnlyList<Batch> Collect(int ticks)
    {
        var batches = new List<Batch>();
        scheduler.Run(async () =>
        {
            for (var i = 0; i < ticks; i++)
            {
                var begin = DateTimeOffset.FromUnixTimeMilliseconds(tickMs);
                if (begin > scheduler.Time.GetUtcNow())
                {
                    await Task.Delay(begin - scheduler.Time.GetUtcNow(), scheduler.Time, CancellationToken.None);
                }
                var turn = new SourceTurn([Target], state, new SourceMemory(Target.Source) { Split = Memory }, tickMs);
                var collected = await collector.CollectAsync(turn, CancellationToken.None);
                Memory = collected.Memory.Split;
                // The columns are the state's: a later scrape writes over them.
                batches.Add(collected.Batch with { Scraped = Copy(collected.Batch.Scraped) });
                state.Apply(collected.Batch);
                tickMs += StepMs;
            }
        });
        return batches;
    }

    public Batch Collect() => Collect(1)[0];

    /// <summary>What the collector says of the split.</summary>
    public string Describe()
    {
        var text = "";
        scheduler.Run(async () => text = await collector.DescribeAsync(Target, Memory, CancellationToken.None));
        return text;
    }

    /// <summary>The samples of a batch, sorted; its list has each series as often as it has samples.</summary>
    public static IReadOnlyList<string> Samples(Batch batch) =>
        [
            .. Enumerable
                .Range(0, batch.Scraped.Count)
                .Select(i =>
                    FormattableString.Invariant(
                        $"{batch.Scraped.Series[i]} {batch.Scraped.Values.Span[i]} {batch.Scraped.TimestampsMs.Span[i]}"
                    )
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Series of classic histograms, summaries and plain metrics.</summary>
    public static IEnumerable<LabelSet> Families(int families, int perName)
    {
        for (var family = 0; family < families; family++)
        {
            var name = FormattableString.Invariant($"{"acknpz"[family % 6]}{family % 7}_family_{family}");
            string[] names = (family % 3) switch
            {
                0 => [name],
                1 => [name + "_bucket", name + "_sum", name + "_count"],
                _ => [name, name + "_sum", name + "_count"],
            };
            foreach (var one in names)
            {
                for (var i = 0; i < perName; i++)
                {
                    yield return LabelSet.Of(
                        "__name__",
                        one,
                        "job",
                        i % 2 == 0 ? "even" : "odd",
                        "instance",
                        FormattableString.Invariant($"i{i}")
                    );
                }
            }
        }
    }

    private static SampleColumns Copy(SampleColumns columns) =>
        new(columns.Series, columns.TimestampsMs.ToArray(), columns.Values.ToArray())
        {
            Histograms = columns.Histograms.ToArray(),
        };

    private (SplitCollector, SourceState) NewProcess()
    {
        var scraper = new Scraper(_ => Model, scheduler.Time, new SeriesTable(), new ScrapeLimits());
        var fresh = scraper.CreateState();
        fresh.MarkLoaded();
        return (new SplitCollector(scraper), fresh);
    }
}
