using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>A vector whose values are computed series by series from those of another one.</summary>
/// <param name="inner">The other one.</param>
/// <param name="dropsMetadata">Whether labels lose name, type and unit at once.</param>
/// <param name="dropsNameLater">Whether the name is to go at the end of the query.</param>
/// <param name="map">Changes a column in place.</param>
internal sealed class MappedStream(
    ColumnStream inner,
    bool dropsMetadata,
    bool dropsNameLater,
    Action<StepColumn> map
) : ColumnStream(inner.Grid)
{
    /// <inheritdoc/>
    public override int Count => inner.Count;

    /// <inheritdoc/>
    public override bool DropsMetadata => dropsMetadata || inner.DropsMetadata;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int series) =>
        inner.DropsMetadata || DropsMetadata ? inner.RawLabelsOf(series) : inner.LabelsOf(series);

    /// <inheritdoc/>
    public override bool DropsNameLater(int series) => dropsNameLater || inner.DropsNameLater(series);

    /// <inheritdoc/>
    public override void Compute(int series, StepColumn result, Workspace workspace)
    {
        if (inner.Stored(series) is { } stored)
        {
            ColumnMath.Copy(stored, result);
        }
        else
        {
            inner.Compute(series, result, workspace);
        }
        map(result);
    }

    /// <inheritdoc/>
    public override void Release(QueryBudget budget) => inner.Release(budget);
}

/// <summary>A vector with other labels than another one.</summary>
/// <param name="inner">The other one.</param>
/// <param name="labels">By series.</param>
/// <param name="dropsNameLater">By series, whether the name is to go at the end of the query.</param>
internal sealed class RelabeledStream(ColumnStream inner, LabelSet[] labels, bool[] dropsNameLater)
    : ColumnStream(inner.Grid)
{
    /// <inheritdoc/>
    public override int Count => inner.Count;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int series) => labels[series];

    /// <inheritdoc/>
    public override bool DropsNameLater(int series) => dropsNameLater[series];

    /// <inheritdoc/>
    public override StepColumn? Stored(int series) => inner.Stored(series);

    /// <inheritdoc/>
    public override void Compute(int series, StepColumn result, Workspace workspace) =>
        inner.Compute(series, result, workspace);

    /// <inheritdoc/>
    public override void Release(QueryBudget budget) => inner.Release(budget);
}

/// <summary>A vector that is the same at all steps: computed at one and repeated.</summary>
/// <param name="grid">All steps.</param>
/// <param name="inner">The vector at one step.</param>
internal sealed class RepeatedStream(StepGrid grid, ColumnStream inner) : ColumnStream(grid)
{
    /// <inheritdoc/>
    public override int Count => inner.Count;

    /// <inheritdoc/>
    public override bool DropsMetadata => inner.DropsMetadata;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int series) => inner.RawLabelsOf(series);

    /// <inheritdoc/>
    public override bool DropsNameLater(int series) => inner.DropsNameLater(series);

    /// <inheritdoc/>
    public override void Compute(int series, StepColumn result, Workspace workspace)
    {
        var stored = inner.Stored(series);
        var one = stored ?? workspace.RentColumn(1);
        if (stored is null)
        {
            inner.Compute(series, one, workspace);
        }
        result.Values.AsSpan().Fill(one.Values[0]);
        if (one.HistogramAt(0) is { } histogram)
        {
            for (var i = 0; i < result.Count; i++)
            {
                result.Set(i, histogram);
            }
        }
        if (stored is null)
        {
            workspace.Return(one);
        }
    }

    /// <inheritdoc/>
    public override void Release(QueryBudget budget) => inner.Release(budget);
}
