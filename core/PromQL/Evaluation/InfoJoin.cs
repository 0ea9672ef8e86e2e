using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>Joins labels of info series to the series that they identify: those with the same instance and job.</summary>
/// <param name="names">Matchers of the names of info metrics.</param>
/// <param name="data">Matchers of the labels to be joined; with some, only the labels that they name are joined.</param>
/// <param name="run">The query.</param>
internal sealed class InfoJoin(LabelMatcher[] names, LabelMatcher[] data, QueryRun run)
{
    private static readonly string[] IdentifyingLabels = ["instance", "job"];

    private readonly LabelProjection identity = LabelProjection.Only(IdentifyingLabels);
    private readonly LabelSetTable identities = new();
    private readonly LabelSetTable results = new();
    private readonly List<SeriesColumn> columns = [];

    /// <summary>The enriched series.</summary>
    /// <param name="series">What is to be enriched.</param>
    /// <param name="infos">Series of info metrics.</param>
    /// <param name="timesOf">When the samples of series of info metrics were taken.</param>
    public ColumnList Evaluate(
        ColumnList series,
        IReadOnlyList<SourceSeries> infos,
        Func<IReadOnlyList<SourceSeries>, ColumnStream> timesOf
    )
    {
        var steps = series.Grid.Count;
        var byIdentity = ByIdentity(ColumnList.Of(timesOf(Wanted(series, infos)), run));
        foreach (var one in series.Series)
        {
            run.Check();
            if (Array.TrueForAll(names, matcher => matcher.Matches(one.Labels.MetricName)))
            {
                // An info metric itself.
                Add(one, one.Labels, Enumerable.Range(0, steps));
                continue;
            }
            byIdentity.TryGetValue(identities.Add(one.Labels, identity), out var candidates);
            Enrich(one, candidates ?? [], steps);
        }
        series.Release(run.Budget);
        return ColumnList.Counted(series.Grid, columns, run);
    }

    /// <summary>The info series that share the values of identifying labels with some series.</summary>
    private List<SourceSeries> Wanted(ColumnList series, IReadOnlyList<SourceSeries> infos)
    {
        var values = Array.ConvertAll(IdentifyingLabels, label => ValuesOf(series, label));
        var wanted = new List<SourceSeries>();
        if (Array.TrueForAll(values, one => one.Count == 0))
        {
            return wanted;
        }
        foreach (var info in infos)
        {
            var isWanted = true;
            for (var i = 0; i < values.Length; i++)
            {
                isWanted &= values[i].Count == 0 || values[i].Contains(info.Labels.Get(IdentifyingLabels[i]) ?? "");
            }
            if (isWanted)
            {
                wanted.Add(info);
            }
        }
        return wanted;
    }

    private Dictionary<int, List<SeriesColumn>> ByIdentity(ColumnList infos)
    {
        var result = new Dictionary<int, List<SeriesColumn>>();
        foreach (var info in infos.Series)
        {
            var ordinal = identities.Add(info.Labels, identity);
            result.TryAdd(ordinal, []);
            result[ordinal].Add(info);
        }
        foreach (var group in result.Values)
        {
            CheckConflicts(group);
        }
        return result;
    }

    private HashSet<string> ValuesOf(ColumnList series, string label)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in series.Series)
        {
            if (
                one.Labels.Get(label) is { } value
                && !Array.TrueForAll(names, matcher => matcher.Matches(one.Labels.MetricName))
            )
            {
                values.Add(value);
            }
        }
        return values;
    }

    /// <summary>Of one metric, the newest info series counts; two of one time are an error.</summary>
    private static void CheckConflicts(List<SeriesColumn> group)
    {
        for (var i = 0; i < group.Count; i++)
        {
            for (var j = i + 1; j < group.Count; j++)
            {
                var (one, other) = (group[i], group[j]);
                if (!string.Equals(one.Labels.MetricName, other.Labels.MetricName, StringComparison.Ordinal))
                {
                    continue;
                }
                for (var step = 0; step < one.Column.Count; step++)
                {
                    var (time, otherTime) = (one.Column.Values[step], other.Column.Values[step]);
                    if (time == otherTime)
                    {
                        var timeMs = (long)Math.Round(time * 1000);
                        throw QueryException.Execution(
                            $"found duplicate series for info metric: existing {SeriesText.Of(one.Labels)} @ {timeMs}, "
                                + $"new {SeriesText.Of(other.Labels)} @ {timeMs}"
                        );
                    }
                    if (time < otherTime)
                    {
                        one.Column.Remove(step);
                    }
                    else if (otherTime < time)
                    {
                        other.Column.Remove(step);
                    }
                }
            }
        }
    }

    private void Enrich(SeriesColumn one, List<SeriesColumn> candidates, int steps)
    {
        // Which candidates count changes seldom from step to step: labels are made once for each set of them.
        var stepsOf = new Dictionary<string, (List<SeriesColumn> Infos, List<int> Steps)>(StringComparer.Ordinal);
        var present = new char[candidates.Count];
        for (var step = 0; step < steps; step++)
        {
            if (!one.Column.Has(step))
            {
                continue;
            }
            for (var i = 0; i < present.Length; i++)
            {
                present[i] = candidates[i].Column.Has(step) ? '1' : '0';
            }
            var key = new string(present);
            if (!stepsOf.TryGetValue(key, out var entry))
            {
                entry = ([.. candidates.Where(info => info.Column.Has(step))], []);
                stepsOf.Add(key, entry);
            }
            entry.Steps.Add(step);
        }
        foreach (var (infos, at) in stepsOf.Values)
        {
            if (infos.Count > 0 || Array.TrueForAll(data, matcher => matcher.MatchesEmpty))
            {
                Add(one, Joined(one.Labels, infos), at);
            }
        }
    }

    private LabelSet Joined(LabelSet own, List<SeriesColumn> infos)
    {
        var added = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var info in infos)
        {
            foreach (var label in info.Labels.Labels)
            {
                if (label.Name == LabelSet.MetricNameLabel || !IsWanted(label.Name))
                {
                    continue;
                }
                if (
                    added.TryGetValue(label.Name, out var before)
                    && !string.Equals(before, label.Value, StringComparison.Ordinal)
                )
                {
                    throw QueryException.Execution($"conflicting label: {label.Name}");
                }
                if (own.Get(label.Name) is null)
                {
                    added[label.Name] = label.Value;
                }
            }
        }
        return added.Aggregate(own, (labels, pair) => LabelEdit.Set(labels, pair.Key, pair.Value));
    }

    private bool IsWanted(string label) =>
        data.Length == 0 || Array.Exists(data, matcher => string.Equals(matcher.Name, label, StringComparison.Ordinal));

    private void Add(SeriesColumn one, LabelSet labels, IEnumerable<int> steps)
    {
        var ordinal = results.Add(labels);
        if (ordinal == columns.Count)
        {
            columns.Add(new SeriesColumn(labels, new StepColumn(one.Column.Count)) { DropName = one.DropName });
        }
        var target = columns[ordinal].Column;
        foreach (var step in steps)
        {
            if (!one.Column.Has(step))
            {
                continue;
            }
            if (target.Has(step))
            {
                throw ColumnMerge.SameLabels();
            }
            if (one.Column.HistogramAt(step) is { } histogram)
            {
                target.Set(step, histogram);
            }
            else
            {
                target.Set(step, one.Column.Values[step]);
            }
        }
    }
}
