using System.Globalization;
using System.Text;
using Tributary.Costs;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>A day, or some hours of one, of a team's function app, and what a month of such days costs.</summary>
internal sealed class TeamDay
{
    /// <summary>A Monday, midnight.</summary>
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A panel each: what dashboards of clusters ask.</summary>
    private static readonly string[] Panels =
    [
        .. Enumerable.Range(0, 5).Select(i => $"sum by (cluster) (rate(requests_total[{i + 2}m]))"),
        .. Enumerable.Range(0, 5).Select(i => $"topk({i + 1}, requests_total)"),
    ];

    private const string Rules = """
        groups:
        - name: clusters
          interval: 1m
          rules:
          - {record: 'cluster:requests:rate5m', expr: 'sum by (cluster) (rate(requests_total[5m]))'}
          - {alert: Silent, expr: 'absent(requests_total)', for: 5m}
        """;

    /// <summary>Series of each cluster in the simulation: their number is nothing to that of operations.</summary>
    private const int SimulatedSeries = 8;

    /// <summary>Of 365.25 / 12 days, dashboards are looked at on so many.</summary>
    private const double WorkDays = 22;

    private const int FirstWorkHour = 8;
    private const int WorkHours = 8;

    /// <summary>A chunk of a dashboard's answer, compressed.</summary>
    private const int AnswerBytes = 20_000;

    /// <summary>Bytes of a sample at rest, in blocks with their index; of performance.md's target, and measured below it.</summary>
    private const double BytesPerSample = 2.42;

    private const double RetentionDays = 90;

    private readonly ReferenceTeam team;
    private readonly FlexApp app;
    private readonly double hours;

    private TeamDay(ReferenceTeam team, FlexApp app, double hours) =>
        (this.team, this.app, this.hours) = (team, app, hours);

    public IReadOnlyDictionary<string, FlexTally> Tallies => app.Tallies;

    /// <summary>Runs hours of a day.</summary>
    /// <param name="team">The team.</param>
    /// <param name="hours">How many; the dashboards' part of them is that of a day.</param>
    public static async Task<TeamDay> RunAsync(ReferenceTeam team, int hours)
    {
        await using var sources = team.IsPulled
            ? await FlexSources.StartPulledAsync(SimulatedSeries)
            : await FlexSources.StartAsync(new ManualTime(Monday.ToUnixTimeMilliseconds()), SimulatedSeries);
        var time = sources.Time;
        if (team.IsPulled)
        {
            // To a full hour: theirs begins somewhere.
            time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(time.GetUtcNow().Ticks % TimeSpan.TicksPerHour));
        }
        var hostJson = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "functions", "host.json"),
            TestContext.Current.CancellationToken
        );
        await using var app = new FlexApp(team, new FlexLogs(hostJson), time) { Began = time.GetUtcNow() };
        await app.PutAsync("config/rules.yml", Rules);
        await app.PutAsync("config/tributary.yml", ConfigOf(team, sources));
        var day = new TeamDay(team, app, hours);
        await day.RunAsync(sources, TimeSpan.FromHours(hours));
        app.End();
        return day;
    }

    /// <summary>What a month uses.</summary>
    public Usage Month()
    {
        var days = CostEstimate.DaysPerMonth * (24 / hours);
        var stored = team.Series * (86_400.0 / team.EverySeconds) * RetentionDays * BytesPerSample;
        return Usage.Sum(
            Tallies.Select(one => Times(app.UsageOf(one.Key), one.Key == "http" ? WorkDays * (24 / hours) : days))
        ) with
        {
            StoredBytes = (long)stored,
        };
    }

    /// <summary>The bill of a month.</summary>
    /// <param name="withGrants">Whether the free grants are still there, and not used up by others.</param>
    public CostEstimate Bill(bool withGrants) =>
        CostEstimate.Of(
            Month(),
            withGrants
                ? PriceTable.Default
                : PriceTable.Default with
                {
                    FreeExecutions = 0,
                    FreeGbSeconds = 0,
                    FreeEgressGb = 0,
                    FreeLogGb = 0,
                },
            CostEstimate.DaysPerMonth
        );

    /// <summary>For people.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var (function, tally) in Tallies.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"team {team.Name} {function}: {tally.Invocations} invocations, {tally.Starts} starts, {tally.BilledMs / 1000.0} s; product {tally.Product}; host {OperationCounts.Of(tally.Host)}\n"
            );
        }
        foreach (var withGrants in new[] { true, false })
        {
            var bill = Bill(withGrants);
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {bill.Amount:F2} ({(withGrants ? "with" : "without")} grants):"
            );
            foreach (var line in bill.Lines.Where(line => line.Quantity > 0))
            {
                text.Append(CultureInfo.InvariantCulture, $" {line.Item} {line.Quantity:F2} = {line.Amount:F3};");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private async Task RunAsync(FlexSources sources, TimeSpan length)
    {
        var every = TimeSpan.FromSeconds(team.CalledEverySeconds);
        var minute = TimeSpan.FromMinutes(1);
        // Every call at its second, in order; the clock does not move while one runs.
        for (var second = 0; second < length.TotalSeconds; second += 5)
        {
            if (second % 60 == 0)
            {
                sources.Minute();
            }
            if (second % team.CalledEverySeconds == 0)
            {
                await app.CallAsync("Collect", every, Takes(1));
            }
            if (!team.IsShared && second % 60 == 10)
            {
                await app.CallAsync("Evaluate", minute, Takes(1));
            }
            if (team.HasExport && second % 300 == 0)
            {
                // It finds nothing that is due, so it takes what is billed at least.
                await app.CallAsync("Export", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1));
            }
            if (second % 3600 == 17 * 60)
            {
                await app.CallAsync("Compact", TimeSpan.FromHours(1), Takes(5));
            }
            if (second % 30 == 5 && IsWork(second, length))
            {
                await app.AskAsync(Panels, AnswerBytes);
            }
            sources.Time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>So long for up to 25,000 series on a quarter of a core, and longer for more; pulls bring four times as much.</summary>
    private TimeSpan Takes(int seconds) =>
        TimeSpan.FromSeconds(
            seconds * Math.Max(1, (team.IsPulled ? 2 : 1) * team.Series / 25_000.0 * 512 / team.InstanceMb)
        );

    /// <summary>A third of the time, in its middle.</summary>
    private static bool IsWork(int second, TimeSpan length)
    {
        var part = second / length.TotalSeconds * 24;
        return part >= FirstWorkHour && part < FirstWorkHour + WorkHours;
    }

    private static Usage Times(Usage usage, double factor) =>
        new()
        {
            Operations = OperationCounts.Classes.Aggregate(
                default(OperationCounts),
                (sum, one) => sum.With(one, (long)(usage.Operations.MillionthsOf(one) * factor))
            ),
            Invocations = (long)(usage.Invocations * factor),
            OnDemandMbMs = (long)(usage.OnDemandMbMs * factor),
            AlwaysReadyMbMs = (long)(usage.AlwaysReadyMbMs * factor),
            BaselineMbMs = (long)(usage.BaselineMbMs * factor),
            BytesSent = (long)(usage.BytesSent * factor),
            LogBytes = (long)(usage.LogBytes * factor),
        };

    private static string ConfigOf(ReferenceTeam team, FlexSources sources)
    {
        var yaml = new StringBuilder();
        yaml.Append(
            CultureInfo.InvariantCulture,
            $"global: {{ scrape_interval: {team.CalledEverySeconds}s, scrape_timeout: 10s }}\n"
        );
        yaml.Append("rule_files: [rules.yml]\nscrape_configs:\n");
        for (var i = 0; i < team.Clusters; i++)
        {
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"- {{ job_name: c{i}, metrics_path: {sources.PathOf(i)}, honor_labels: true, params: {{ 'match[]': ['{{__name__=~\".+\"}}'] }}, static_configs: [{{ targets: ['127.0.0.1:{sources.Port}'] }}] }}\n"
            );
        }
        if (team.IsPulled)
        {
            yaml.Append("tributary:\n  jobs:\n");
            for (var i = 0; i < team.Clusters; i++)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"    c{i}: {{ pull: range }}\n");
            }
        }
        return yaml.ToString();
    }
}
