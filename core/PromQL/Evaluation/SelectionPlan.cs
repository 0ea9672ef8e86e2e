using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Stores;

namespace Tributary.PromQL.Evaluation;

/// <summary>All series that a query needs: each selection is asked for once, whoever uses it.</summary>
internal sealed class SelectionPlan
{
    private readonly List<Selection> selections = [];

    /// <summary>Adds a selection, or widens one of the same series whose time is near.</summary>
    public Selection Add(IReadOnlyList<LabelMatcher> matchers, TimeRange range)
    {
        foreach (var known in selections)
        {
            if (known.Matchers.SequenceEqual(matchers) && known.TryWiden(range))
            {
                return known;
            }
        }
        var added = new Selection(matchers, range);
        selections.Add(added);
        return added;
    }

    /// <summary>Reads all of them.</summary>
    /// <returns>What is not in them although it should be, for people.</returns>
    /// <exception cref="QueryException">They could not be read, or take too much memory.</exception>
    public async Task<IReadOnlyList<string>> ReadAsync(QuerySource source, QueryBudget budget, CancellationToken stop)
    {
        if (selections.Count == 0)
        {
            return [];
        }
        var found = await SelectAsync(source, new SourceLimits(long.MaxValue, budget.BytesLeft), stop);
        for (var i = 0; i < found.Count; i++)
        {
            budget.TakeBytes(found[i].Bytes);
            selections[i].Series = found[i].Series;
        }
        return [.. found.SelectMany(one => one.Warnings).Distinct(StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<SourceSelection>> SelectAsync(
        QuerySource source,
        SourceLimits limits,
        CancellationToken stop
    )
    {
        try
        {
            return await source.SelectAsync(
                [.. selections.Select(one => new SourceQuery(one.Matchers, one.Range))],
                limits,
                stop
            );
        }
        catch (Exception e) when (e is StoreException or CorruptDataException)
        {
            throw new QueryException(QueryFailure.Internal, $"expanding series: {e.Message}", e);
        }
    }
}

/// <summary>Series that a query needs.</summary>
/// <param name="matchers">Which ones.</param>
/// <param name="range">When.</param>
internal sealed class Selection(IReadOnlyList<LabelMatcher> matchers, TimeRange range)
{
    /// <summary>A gap that is read for nothing is still better than reading twice.</summary>
    private const long NearMs = 3_600_000;

    /// <summary>Which ones.</summary>
    public IReadOnlyList<LabelMatcher> Matchers { get; } = matchers;

    /// <summary>When.</summary>
    public TimeRange Range { get; private set; } = range;

    /// <summary>The series, once they are read.</summary>
    public IReadOnlyList<SourceSeries> Series { get; set; } = [];

    /// <summary>Takes more time in if it is near.</summary>
    public bool TryWiden(TimeRange more)
    {
        if (more.MinMs - NearMs > Range.MaxMs || Range.MinMs - NearMs > more.MaxMs)
        {
            return false;
        }
        Range = new TimeRange(Math.Min(Range.MinMs, more.MinMs), Math.Max(Range.MaxMs, more.MaxMs));
        return true;
    }
}
