using System.Globalization;
using Tributary.Api;
using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary cost</c> prints for people.</summary>
internal static class CostText
{
    /// <summary>Sources that are listed; JSON has more.</summary>
    private const int MaxSources = 40;

    private const double Megabyte = 1024 * 1024;
    private const string Short =
        "Less than a day: what is done at the start, or now and then, counts too much or too little.";
    private const string None = "nothing is counted yet: a server writes what it uses every five minutes";

    /// <summary>The answer.</summary>
    public static IEnumerable<string> Lines(CostStatus status)
    {
        if (status.Now is not { } now)
        {
            return [None, .. Problems(status)];
        }
        return
        [
            Text(
                $"{GapsText.Time(status.FromMs!.Value)} to {GapsText.Time(status.UntilMs!.Value)}: {Measured(now)} measured, {status.Processes} processes"
            ),
            .. now.Days < 1 ? [Short] : Array.Empty<string>(),
            Text(
                $"A month of 730 hours like this, in {now.Prices.Currency}, at the prices of {now.Prices.AsOf:yyyy-MM-dd}, before tax:"
            ),
            "",
            .. Items(now, status.Changed),
            "",
            .. Jobs(now, status.Changed),
            .. Sources(now, status.Changed),
            .. Problems(status),
        ];
    }

    private static IEnumerable<string> Items(CostReport now, CostReport? changed)
    {
        yield return Line("ITEM", "QUANTITY", "FREE", "COST", changed is null ? null : "THEN");
        foreach (var line in now.Total.Lines.Where(line => line.Quantity > 0))
        {
            yield return Line(
                CostStatus.NameOf(line.Item),
                Number(line.Quantity),
                line.Free > 0 ? Number(line.Free) : "",
                Money(line.Amount),
                changed is null ? null : Money(changed.Total[line.Item].Amount)
            );
        }
        yield return Line(
            "total",
            "",
            "",
            Money(now.Total.Amount),
            changed is null ? null : Money(changed.Total.Amount)
        );
    }

    private static IEnumerable<string> Jobs(CostReport now, CostReport? changed)
    {
        yield return Line("JOB", "OPERATIONS", "GB-SECONDS", "COST", changed is null ? null : "THEN");
        foreach (var job in now.Jobs)
        {
            yield return Line(
                job.Job,
                Number(job.Usage.Operations.Total * (CostEstimate.DaysPerMonth / now.Days)),
                Number(
                    Usage.GbSeconds(job.Usage.OnDemandMbMs + job.Usage.AlwaysReadyMbMs)
                        * (CostEstimate.DaysPerMonth / now.Days)
                ),
                Money(job.Estimate.Amount),
                changed is null
                    ? null
                    : Money(changed.Jobs.FirstOrDefault(one => one.Job == job.Job)?.Estimate.Amount ?? 0)
            );
        }
    }

    private static IEnumerable<string> Sources(CostReport now, CostReport? changed)
    {
        if (now.Sources.Count == 0)
        {
            yield break;
        }
        yield return "";
        var width = Math.Max("SOURCE".Length, now.Sources.Take(MaxSources).Max(source => source.Source.Length));
        yield return Source(width, ("SOURCE", "SERIES", "INTERVAL", "MB", "COST", changed is null ? "" : "THEN"));
        foreach (var source in now.Sources.Take(MaxSources))
        {
            var then = changed?.Sources.FirstOrDefault(one => one.Source == source.Source);
            yield return Source(
                width,
                (
                    source.Source,
                    source.Source == Payer.OtherSources ? "" : Number(source.Series),
                    source.Interval is { } interval ? Text($"{interval.TotalSeconds:0.#}s") : "",
                    Number(source.Own.BytesWritten / Megabyte * (CostEstimate.DaysPerMonth / now.Days)),
                    Money(source.Estimate.Amount),
                    then is null ? "" : Money(then.Estimate.Amount)
                )
            );
        }
        if (now.Sources.Count > MaxSources)
        {
            yield return Text($"… {now.Sources.Count - MaxSources} more: --json lists them");
        }
    }

    private static string Measured(CostReport report) =>
        DurationText.Format(TimeSpan.FromSeconds(Math.Round(TimeSpan.FromDays(report.Days).TotalSeconds)));

    private static IEnumerable<string> Problems(CostStatus status) =>
        status.Problems.Select(problem => $"DAMAGED  {problem}");

    private static string Line(string name, string first, string second, string cost, string? then) =>
        Text($"{name, -24}{first, 16}{second, 14}{cost, 12}{then, 12}").TrimEnd();

    private static string Source(
        int width,
        (string Name, string Series, string Interval, string Megabytes, string Cost, string Then) columns
    ) =>
        (
            columns.Name.PadRight(width)
            + Text(
                $"{columns.Series, 10}{columns.Interval, 10}{columns.Megabytes, 12}{columns.Cost, 10}{columns.Then, 10}"
            )
        ).TrimEnd();

    private static string Number(double value) =>
        value.ToString(value is >= 100 or 0 ? "#,0" : "0.###", CultureInfo.InvariantCulture);

    private static string Money(double amount) => amount.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
