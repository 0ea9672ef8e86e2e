using System.Globalization;
using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a model Prometheus scrapes: series that come and end, <c>up</c>, failures.</summary>
internal sealed class ModelPool
{
    /// <summary>How long after its timestamp a scrape may be done.</summary>
    public static readonly TimeSpan LongestScrape = TimeSpan.FromSeconds(4);

    private readonly SeededRandom random;
    private readonly List<Member> members = [];
    private readonly ModelTruth up;
    private readonly long intervalMs;
    private int counter;

    public ModelPool(int number, TimeSpan interval, long startMs, SeededRandom random)
    {
        this.random = random;
        intervalMs = (long)interval.TotalMilliseconds;
        NextMs = startMs + random.Next((int)intervalMs);
        var (job, instance) = (Text($"job{number}"), Text($"target:{number}"));
        up = new ModelTruth(LabelSet.Of(LabelSet.MetricNameLabel, "up", "job", job, "instance", instance));
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            members.Add(new Member(NewSeries(i, job, instance)) { IsAlive = random.Chance(0.9) });
        }
    }

    /// <summary>All series that it may have.</summary>
    public IEnumerable<ModelTruth> Series => members.Select(member => member.Truth).Prepend(up);

    /// <summary>The time of its next scrape, milliseconds since the epoch.</summary>
    public long NextMs { get; private set; }

    /// <summary>Scrapes: what is there now, markers of what is there no more.</summary>
    public void Scrape()
    {
        var atMs = NextMs;
        var hasFailed = random.Chance(0.02);
        // A failed one may last until its timeout.
        var visibleMs = atMs + (long)random.NextSpread(LongestScrape).TotalMilliseconds;
        visibleMs = Math.Min(visibleMs, atMs + intervalMs - 1);
        foreach (var member in members)
        {
            if (random.Chance(member.IsAlive ? 0.01 : 0.04))
            {
                member.IsAlive = !member.IsAlive;
            }
            var isThere = member.IsAlive && !hasFailed;
            if (isThere || member.WasThere)
            {
                member.Truth.Add(new TruthSample(atMs, isThere ? NextValue() : StaleMarker.Value, visibleMs));
            }
            member.WasThere = isThere;
        }
        up.Add(new TruthSample(atMs, hasFailed ? 0 : 1, visibleMs));
        NextMs += intervalMs;
    }

    /// <summary>The Prometheus is down until then: it scrapes nothing, and knows nothing behind that of what was there.</summary>
    public void SkipTo(long untilMs)
    {
        while (NextMs < untilMs)
        {
            NextMs += intervalMs;
        }
        members.ForEach(member => member.WasThere = false);
    }

    private ModelTruth NewSeries(int number, string job, string instance)
    {
        var labels = new List<string> { LabelSet.MetricNameLabel, Text($"m{number}"), "job", job };
        if (random.Chance(0.85))
        {
            labels.AddRange(["instance", instance]);
        }
        if (random.Chance(0.15))
        {
            labels.AddRange(["cluster", "own"]);
        }
        if (random.Chance(0.3))
        {
            labels.AddRange(["x", "a\"b\\ü"]);
        }
        return new ModelTruth(LabelSet.Of([.. labels]));
    }

    private double NextValue() =>
        random.Next(20) switch
        {
            0 => StaleMarker.NormalNaN,
            1 => random.Chance(0.5) ? double.PositiveInfinity : double.NegativeInfinity,
            2 => -random.NextDouble() * 1e-9,
            3 => random.NextDouble() * 1e25,
            4 => -0.0,
            _ => ++counter,
        };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Member(ModelTruth truth)
    {
        public ModelTruth Truth { get; } = truth;

        public bool IsAlive { get; set; }

        public bool WasThere { get; set; }
    }
}
