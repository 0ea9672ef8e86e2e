using System.Text;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// The histograms of a vector: series that differ only in <c>le</c> are the buckets of a classic one, and with the same
/// labels but without <c>le</c> there may be a native one.
/// </summary>
/// <remarks>Found once per query; at a step, a series takes part with whichever it has there, a float or a histogram.</remarks>
internal sealed class BucketGroups
{
    private const string BoundLabel = "le";

    private readonly Dictionary<LabelSet, BucketGroup> groups = [];

    private BucketGroups() { }

    /// <summary>The groups.</summary>
    public IReadOnlyCollection<BucketGroup> All => groups.Values;

    /// <summary>Finds the groups of a vector; says so where a float has no bound.</summary>
    public static BucketGroups Of(VectorInput input)
    {
        var result = new BucketGroups();
        foreach (var series in input.Series)
        {
            result.Add(series, input);
        }
        return result;
    }

    private void Add(SeriesColumn series, VectorInput input)
    {
        if (series.Column.Histograms is not null)
        {
            GroupOf(series.Labels).Native = series.Column;
        }
        if (!HasFloat(series.Column))
        {
            return;
        }
        var text = series.Labels.Get(BoundLabel) ?? "";
        if (NumberText.TryParseValue(Encoding.UTF8.GetBytes(text), out var bound))
        {
            GroupOf(WithoutBound(series.Labels)).Classic.Add((bound, series.Column));
            return;
        }
        var name = input.Context.DelaysNameRemoval ? series.Labels.MetricName : "";
        input.Context.Annotations.Warn(
            AnnotationTexts.BadBucketLabel(name, text),
            input.Context.PositionOf(input.VectorArgument)
        );
    }

    private BucketGroup GroupOf(LabelSet labels)
    {
        if (!groups.TryGetValue(labels, out var group))
        {
            groups.Add(labels, group = new BucketGroup(labels));
        }
        return group;
    }

    private static LabelSet WithoutBound(LabelSet labels)
    {
        var kept = new List<Label>(labels.Labels.Length);
        foreach (var label in labels.Labels)
        {
            if (!string.Equals(label.Name, BoundLabel, StringComparison.Ordinal))
            {
                kept.Add(label);
            }
        }
        return LabelSet.FromSorted([.. kept]);
    }

    private static bool HasFloat(StepColumn column)
    {
        foreach (var value in column.Values)
        {
            if (!Absent.Is(value))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>One histogram of a vector.</summary>
/// <param name="labels">Its labels without <c>le</c>.</param>
internal sealed class BucketGroup(LabelSet labels)
{
    /// <summary>Its labels without <c>le</c>, the metric name among them.</summary>
    public LabelSet Labels { get; } = labels;

    /// <summary>The bucket series of the classic form with their bounds.</summary>
    public List<(double Bound, StepColumn Column)> Classic { get; } = [];

    /// <summary>The native form.</summary>
    public StepColumn? Native { get; set; }
}
