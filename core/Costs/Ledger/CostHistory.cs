using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>What was used over some days.</summary>
public sealed class CostHistory
{
    /// <summary>Days that are read at the same time.</summary>
    private const int ReadsAtOnce = 8;

    private readonly IReadOnlyList<DayCosts> days;

    private CostHistory(IReadOnlyList<DayCosts> days) => this.days = days;

    /// <summary>Since when is counted, milliseconds since the epoch; null when nothing is known.</summary>
    public long? FromMs => Rows.Min(row => (long?)row.FromMs);

    /// <summary>Until when.</summary>
    public long? UntilMs => Rows.Max(row => (long?)row.UntilMs);

    /// <summary>How long that is, in days; days without any row count as well, because the collector may have rested.</summary>
    public double Days =>
        FromMs is { } from && UntilMs is { } until ? TimeSpan.FromMilliseconds(until - from).TotalDays : 0;

    /// <summary>Processes that have a row.</summary>
    public int Processes => Rows.Select(row => row.Process).Distinct().Count();

    /// <summary>Rows that cannot be read.</summary>
    public IReadOnlyList<string> Problems => [.. days.SelectMany(day => day.Problems)];

    private IEnumerable<CostRow> Rows => days.SelectMany(day => day.Rows);

    /// <summary>What was used, by payer.</summary>
    public Dictionary<Payer, Usage> Totals()
    {
        var totals = new Dictionary<Payer, Usage>();
        foreach (var row in Rows)
        {
            foreach (var (payer, usage) in row.Usages)
            {
                totals[payer] = totals.TryGetValue(payer, out var before) ? before + usage : usage;
            }
        }
        return totals;
    }

    /// <summary>The time between two ticks of each source, as it was on average where it was collected.</summary>
    public Dictionary<string, TimeSpan> Intervals()
    {
        var spans = new Dictionary<string, (long Ms, long Ticks)>(StringComparer.Ordinal);
        foreach (var row in Rows)
        {
            foreach (var (payer, usage) in row.Usages)
            {
                if (payer.Source is { } source && usage.Ticks > 0)
                {
                    var (ms, ticks) = spans.GetValueOrDefault(source);
                    spans[source] = (ms + (row.UntilMs - row.FromMs), ticks + usage.Ticks);
                }
            }
        }
        return spans.ToDictionary(
            pair => pair.Key,
            pair => TimeSpan.FromMilliseconds((double)pair.Value.Ms / pair.Value.Ticks),
            StringComparer.Ordinal
        );
    }

    /// <summary>What was used each day.</summary>
    public IReadOnlyList<(DateOnly Day, Usage Usage)> ByDay() =>
        [
            .. days.Where(day => day.Rows.Count > 0)
                .Select(day => (day.Day, Usage.Sum(day.Rows.SelectMany(row => row.Usages.Values)))),
        ];

    /// <summary>Reads the rows: a query for each day.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<CostHistory> ReadAsync(
        ITableStore tables,
        DateOnly from,
        DateOnly to,
        CancellationToken cancellationToken
    )
    {
        var read = new List<DayCosts>();
        var wanted = Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays);
        foreach (var some in wanted.Chunk(ReadsAtOnce))
        {
            read.AddRange(await Task.WhenAll(some.Select(day => DayCosts.ReadAsync(tables, day, cancellationToken))));
        }
        return new CostHistory(read);
    }

    /// <summary>The same with what a process knows of itself instead of its rows.</summary>
    internal CostHistory With(Ulid process, IReadOnlyList<(DateOnly Day, CostRow Row)> own) =>
        new([
            .. days.Select(day =>
                own.FirstOrDefault(one => one.Day == day.Day).Row is { } row
                    ? day with
                    {
                        Rows = [.. day.Rows.Where(other => other.Process != process), row],
                    }
                    : day
            ),
        ]);
}
