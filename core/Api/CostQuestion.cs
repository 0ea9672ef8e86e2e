using System.Globalization;
using Tributary.Costs.Ledger;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Api;

/// <summary>What is asked about costs.</summary>
/// <param name="Days">The days to look at, today included.</param>
/// <param name="Interval">What if sources were collected so often; null does not ask.</param>
/// <param name="Selectors">What if only these series were collected; none does not ask.</param>
public sealed record CostQuestion(int Days, TimeSpan? Interval, IReadOnlyList<VectorSelector> Selectors)
{
    /// <summary>The days when nobody says how many.</summary>
    public const int DefaultDays = 7;

    /// <summary>The parameters of a request.</summary>
    /// <exception cref="BadRequestException">One of them is wrong; the message says which.</exception>
    public static CostQuestion Parse(string days, string interval, IReadOnlyList<string> selectors)
    {
        var count = DefaultDays;
        if (
            days.Length > 0
            && (
                !int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out count)
                || count is < 1 or > CostLedger.KeptDays
            )
        )
        {
            throw new BadRequestException($"days must be a number from 1 to {CostLedger.KeptDays}");
        }
        TimeSpan? every = null;
        if (interval.Length > 0)
        {
            every =
                DurationText.TryParse(interval, out var parsed, out _) && parsed >= TimeSpan.FromSeconds(1)
                    ? parsed
                    : throw new BadRequestException("interval must be a duration of a second or more, such as 60s");
        }
        try
        {
            return new CostQuestion(count, every, [.. selectors.Select(SelectorParser.Parse)]);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException($"match[]: {exception.Message}", exception);
        }
    }

    /// <summary>The first and the last UTC day.</summary>
    public (DateOnly From, DateOnly To) DaysUntil(DateTimeOffset now)
    {
        var to = CostLedger.DayOf(now);
        return (to.AddDays(1 - Days), to);
    }

    /// <summary>What would change; null when nobody asks.</summary>
    /// <param name="series">The series that sources had last, by source.</param>
    public CostChange? ChangeOf(Func<IReadOnlyDictionary<string, SeriesList>> series) =>
        Selectors.Count > 0
            ? new CostChange(Interval, series().ToDictionary(pair => pair.Key, Kept, StringComparer.Ordinal))
        : Interval is not null ? new CostChange(Interval, new Dictionary<string, double>(StringComparer.Ordinal))
        : null;

    private double Kept(KeyValuePair<string, SeriesList> source)
    {
        var kept = 0;
        foreach (var one in source.Value.Span)
        {
            kept += Selectors.Any(selector => selector.Matches(one)) ? 1 : 0;
        }
        return source.Value.Count == 0 ? 1 : kept / (double)source.Value.Count;
    }
}
