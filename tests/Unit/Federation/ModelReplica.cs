using System.Globalization;
using System.Text;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Federation;

/// <summary>
/// A Prometheus that scrapes counters which others scrape, too, at moments of its own, and sends the newest sample of each by
/// <c>/federate</c>. What it scraped before it was stopped it has again when it is back.
/// </summary>
/// <param name="name">The value of its replica label.</param>
/// <param name="offsetMs">When it scrapes inside of the interval.</param>
internal sealed class ModelReplica(string name, long offsetMs)
{
    public const long EveryMs = 15_000;
    public const int Counters = 6;

    /// <summary>What a counter gains in a second; the second one gains twice as much, and so on.</summary>
    public const double PerSecond = 10;

    private const long LookbackMs = 300_000;

    /// <summary>From when to when it scrapes.</summary>
    private readonly List<(long FromMs, long ToMs)> lives = [(long.MinValue, long.MaxValue)];

    public string Name { get; } = name;

    /// <summary>The label by which it tells itself apart; empty for none.</summary>
    public string Label { get; set; } = "prometheus_replica";

    /// <summary>Further labels that it sends.</summary>
    public string Others { get; set; } = ",cluster=\"x\"";

    /// <summary>What the instances that it watches are called.</summary>
    public string Watched { get; set; } = "app";

    /// <summary>A counter that it does not watch; -1 for none.</summary>
    public int Missing { get; set; } = -1;

    public Answering Answering { get; set; } = Answering.Well;

    /// <summary>Since when it answers well without a break, milliseconds since the epoch; null when it does not.</summary>
    public long? WellSinceMs =>
        Answering is Answering.Well && lives[^1].ToMs == long.MaxValue ? lives[^1].FromMs : null;

    /// <summary>Has it scrape nothing before a moment.</summary>
    public void BeginAt(long ms) => lives[0] = (ms, long.MaxValue);

    /// <summary>Stops it, or starts it again.</summary>
    public void Set(Answering answering, long nowMs)
    {
        if (answering != Answering && answering is Answering.Refuses)
        {
            lives[^1] = (lives[^1].FromMs, nowMs);
        }
        else if (answering != Answering && Answering is Answering.Refuses)
        {
            lives.Add((nowMs, long.MaxValue));
        }
        Answering = answering;
    }

    /// <summary>What it sends now.</summary>
    public string Body(long nowMs, bool isSmall)
    {
        var body = new StringBuilder();
        if (!isSmall)
        {
            for (var i = 0; i < Counters; i++)
            {
                Append(body, "requests_total", i, nowMs, ms => Counter(i, ms));
            }
        }
        for (var i = 0; i < Counters; i++)
        {
            Append(body, "up", i, nowMs, _ => 1);
        }
        for (var i = 0; i < Counters && !isSmall; i++)
        {
            Append(body, "whose", i, nowMs, _ => Name[0]);
        }
        return body.ToString();
    }

    /// <summary>The counter at a moment.</summary>
    private static double Counter(int number, long ms) =>
        Math.Floor((ms - LogBatches.NoonMs + 3_600_000) * PerSecond * (number + 1) / 1000);

    private void Append(StringBuilder body, string metric, int number, long nowMs, Func<long, double> value)
    {
        if (number == Missing || ScrapedMs(number, nowMs) is not { } scrapedMs)
        {
            return;
        }
        var label = Label.Length == 0 ? "" : $",{Label}=\"{Name}\"";
        // The target answers a little behind the moment with which the sample is stamped.
        var answeredMs = scrapedMs + (((scrapedMs / 7) + (Name[0] * 31) + number) % 60);
        body.Append(
            CultureInfo.InvariantCulture,
            $"{metric}{{instance=\"{Watched}:{number}\",job=\"app\"{Others}{label}}} {value(answeredMs)} {scrapedMs}\n"
        );
    }

    /// <summary>The last moment at which it scraped a target; null when that is too long ago.</summary>
    private long? ScrapedMs(int number, long nowMs)
    {
        var offset = offsetMs + (number * 700);
        for (var ms = nowMs - ((nowMs - offset) % EveryMs); ms > nowMs - LookbackMs; ms -= EveryMs)
        {
            if (lives.Exists(life => life.FromMs <= ms && ms < life.ToMs))
            {
                return ms;
            }
        }
        return null;
    }
}

/// <summary>How a replica answers.</summary>
internal enum Answering
{
    Well,
    Refuses,
    Hangs,
    IsUnavailable,
    Breaks,
}
