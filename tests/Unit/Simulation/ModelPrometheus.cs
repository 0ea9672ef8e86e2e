using System.Globalization;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A source that is a Prometheus: it scrapes by itself in virtual time, and remembers what it has.</summary>
/// <remarks>What it has does not depend on who asks it when.</remarks>
internal sealed class ModelPrometheus
{
    private static readonly string[][] Selections =
    [
        ["{__name__=~\".+\"}"],
        ["{__name__=~\"m.*\"}", "up"],
        ["{job=\"job0\"}", "{__name__=~\"m[12]\"}"],
        ["{__name__=~\"m[1-3]\",job=~\"job.*\"}"],
    ];

    private readonly List<ModelPool> pools = [];
    private readonly List<TimeRange> unreachable = [];
    private readonly List<TimeRange> down = [];
    private readonly Dictionary<LabelSet, SortedDictionary<string, string>> federated = [];
    private Dictionary<LabelSet, ModelTruth>? stored;

    /// <param name="number">Tells it from others.</param>
    /// <param name="pull">How its job asks it.</param>
    /// <param name="interval">How often.</param>
    /// <param name="startMs">From when on it scrapes.</param>
    /// <param name="random">Its own chance.</param>
    public ModelPrometheus(int number, PullMode pull, TimeSpan interval, long startMs, SeededRandom random)
    {
        var host = string.Create(CultureInfo.InvariantCulture, $"prometheus:{number}");
        for (var i = 1 + random.Next(2); i > 0; i--)
        {
            pools.Add(new ModelPool(i - 1, DrawInterval(random), startMs, random));
        }
        External = random.Next(5) switch
        {
            0 => LabelSet.Empty,
            1 => LabelSet.Of("instance", "outer", "zone", "z"),
            _ => LabelSet.Of("cluster", string.Create(CultureInfo.InvariantCulture, $"c{number}")),
        };
        var selection = Selections[random.Next(Selections.Length)];
        Selectors = [.. selection.Select(SelectorParser.Parse)];
        TrimsChunks = random.Chance(0.5);
        MaxSamples = random.Chance(0.15) ? random.Next(300, 900) : int.MaxValue;
        Prefix = random.Chance(0.3) ? "/prometheus" : "";
        var query = string.Join('&', selection.Select(one => $"match[]={Uri.EscapeDataString(one)}"));
        Target = new Target
        {
            Source = $"job/{host}/0",
            Config = new ScrapeConfig
            {
                JobName = "job",
                HonorLabels = random.Chance(0.7),
                MetricsPath = $"{Prefix}/federate",
                Params = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
                {
                    ["match[]"] = selection,
                },
                Source = new SourceConfig { Pull = pull },
            },
            Url = new Uri($"http://{host}{Prefix}/federate?{query}"),
            Labels = LabelSet.Of("instance", host, "job", "job"),
            Interval = interval,
            Timeout = interval * 0.5,
            IsFederate = true,
        };
    }

    public Target Target { get; }

    /// <summary>What it adds to the series that it gives to others, but for those that have such labels.</summary>
    public LabelSet External { get; }

    /// <summary>What the job asks for.</summary>
    public IReadOnlyList<VectorSelector> Selectors { get; }

    /// <summary>What stands before its paths.</summary>
    public string Prefix { get; }

    /// <summary>Whether chunks are cut to what was asked for; else whole ones are sent.</summary>
    public bool TrimsChunks { get; }

    /// <summary>The most samples of one query.</summary>
    public int MaxSamples { get; }

    /// <summary>What it does not serve: endings of paths.</summary>
    public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>How long it keeps samples.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(15);

    /// <summary>All its series.</summary>
    public IEnumerable<ModelTruth> Series => pools.SelectMany(pool => pool.Series);

    /// <summary>Up to when it has lived.</summary>
    public long LivedMs { get; private set; } = long.MinValue;

    /// <summary>In this time nobody reaches it; it goes on scraping.</summary>
    public void Cut(TimeRange range) => unreachable.Add(range);

    /// <summary>In this time it does not run. To be said before it has lived until then.</summary>
    public void Stop(TimeRange range)
    {
        down.Add(range);
        unreachable.Add(range);
    }

    /// <summary>From now on it runs and can be reached.</summary>
    public void Heal(long nowMs)
    {
        LiveUntil(nowMs);
        unreachable.Clear();
        down.Clear();
    }

    public bool IsReachable(long atMs) => !unreachable.Exists(range => range.Contains(atMs));

    /// <summary>Scrapes everything up to a moment.</summary>
    public void LiveUntil(long nowMs)
    {
        while (pools.MinBy(pool => pool.NextMs) is { } next && next.NextMs <= nowMs)
        {
            var stop = down.Find(range => range.Contains(next.NextMs));
            if (stop != default)
            {
                next.SkipTo(stop.MaxMs + 1);
                continue;
            }
            next.Scrape();
        }
        LivedMs = Math.Max(LivedMs, nowMs);
    }

    /// <summary>What the job selects, by the labels that it is to be stored with.</summary>
    public IReadOnlyDictionary<LabelSet, ModelTruth> Stored =>
        stored ??= Series
            .Where(series => Selectors.Any(selector => selector.Matches(series.Labels)))
            .Where(series => series.Labels.MetricName.Length > 0)
            .ToDictionary(StoredLabels);

    /// <summary>The labels of a series as others get it from <c>/federate</c>, those without a value too.</summary>
    public IReadOnlyDictionary<string, string> Federated(LabelSet series)
    {
        if (federated.TryGetValue(series, out var known))
        {
            return known;
        }
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in series.Labels)
        {
            labels[label.Name] = label.Value;
        }
        foreach (var label in External.Labels)
        {
            labels.TryAdd(label.Name, label.Value);
        }
        labels.TryAdd("instance", "");
        federated.Add(series, labels);
        return labels;
    }

    private LabelSet StoredLabels(ModelTruth series)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Federated(series.Labels))
        {
            labels.Add(name, value);
        }
        foreach (var own in Target.Labels.Labels)
        {
            if (Target.Config.HonorLabels)
            {
                labels.TryAdd(own.Name, own.Value);
                continue;
            }
            if (labels.GetValueOrDefault(own.Name) is { Length: > 0 } exposed)
            {
                labels["exported_" + own.Name] = exposed;
            }
            labels[own.Name] = own.Value;
        }
        return LabelSet.Of(
            labels.Where(label => label.Value.Length > 0).Select(label => new Label(label.Key, label.Value))
        );
    }

    private static TimeSpan DrawInterval(SeededRandom random) =>
        TimeSpan.FromSeconds(
            random.Next(10) switch
            {
                0 => 5,
                < 6 => 15,
                < 9 => 30,
                _ => 150,
            }
        );
}
