using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Compaction;

/// <summary>Which samples of a series some deletes take away.</summary>
internal sealed class SeriesDeletes
{
    /// <summary>Nothing is deleted.</summary>
    public static readonly SeriesDeletes None = new([]);

    private readonly List<(VectorSelector Selector, TimeRange Range)> deletes;
    private readonly Dictionary<LabelSet, List<TimeRange>> known = [];

    private SeriesDeletes(List<(VectorSelector, TimeRange)> deletes) => this.deletes = deletes;

    /// <summary>Whether nothing is deleted.</summary>
    public bool IsEmpty => deletes.Count == 0;

    /// <summary>What some deletes say together.</summary>
    public static SeriesDeletes Of(IEnumerable<DeleteDescription> descriptions)
    {
        var all = descriptions
            .SelectMany(delete => delete.Selectors.Select(text => (SelectorParser.ParseAny(text), delete.Range)))
            .ToList();
        return all.Count == 0 ? None : new SeriesDeletes(all);
    }

    /// <summary>Whether a sample is deleted.</summary>
    public bool Has(LabelSet series, long timestampMs) => Of(series).Exists(range => range.Contains(timestampMs));

    /// <summary>The deleted ranges of a series.</summary>
    public List<TimeRange> Of(LabelSet series)
    {
        if (!known.TryGetValue(series, out var ranges))
        {
            ranges = RangesOf(series);
            known.Add(series, ranges);
        }
        return ranges;
    }

    /// <summary>The same for whoever asks of each series only once: nothing is remembered.</summary>
    public List<TimeRange> RangesOf(LabelSet series) =>
        [
            .. deletes
                .Where(delete => delete.Selector.Matchers.All(matcher => matcher.Matches(series)))
                .Select(delete => delete.Range),
        ];
}
