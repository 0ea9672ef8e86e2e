using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>A function of ranges over selected series.</summary>
internal sealed class RangeStream(
    StepGrid grid,
    IReadOnlyList<SourceSeries> series,
    RangeCall call,
    bool dropsMetadata,
    QueryRun run
) : ColumnStream(grid)
{
    private readonly TimeRange needed = call.Needed;

    /// <inheritdoc/>
    public override int Count => series.Count;

    /// <inheritdoc/>
    public override bool DropsMetadata => dropsMetadata;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int index) => series[index].Labels;

    /// <inheritdoc/>
    public override bool DropsNameLater(int index) => !call.Function.KeepsName;

    /// <inheritdoc/>
    public override void Compute(int index, StepColumn result, Workspace workspace)
    {
        var buffer = workspace.RentSamples(series[index].SampleCount);
        series[index].Decode(needed, buffer);
        buffer.DropStale();
        var samples = buffer.Samples;
        call.Evaluate(samples, series[index].Labels, Grid, result);
        if (run.Counter is { } counter)
        {
            call.Count(samples, Grid, counter);
        }
        workspace.Return(buffer);
    }
}

/// <summary>A function of ranges over the results of another vector at the steps of a subquery.</summary>
internal sealed class SubqueryStream(
    StepGrid grid,
    ColumnStream inner,
    RangeCall call,
    bool dropsMetadata,
    QueryRun run
) : ColumnStream(grid)
{
    /// <inheritdoc/>
    public override int Count => inner.Count;

    /// <inheritdoc/>
    public override bool DropsMetadata => dropsMetadata;

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int index) => inner.LabelsOf(index);

    /// <inheritdoc/>
    public override bool DropsNameLater(int index) => !call.Function.KeepsName || inner.DropsNameLater(index);

    /// <inheritdoc/>
    public override void Compute(int index, StepColumn result, Workspace workspace)
    {
        var stored = inner.Stored(index);
        var column = stored ?? workspace.RentColumn(inner.Grid.Count);
        if (stored is null)
        {
            inner.Compute(index, column, workspace);
        }
        var buffer = workspace.RentSamples(inner.Grid.Count);
        buffer.AddColumn(column, inner.Grid);
        var samples = buffer.Samples;
        call.Evaluate(samples, inner.LabelsOf(index), Grid, result);
        if (run.Counter is { } counter)
        {
            call.Count(samples, Grid, counter);
        }
        workspace.Return(buffer);
        if (stored is null)
        {
            workspace.Return(column);
        }
    }

    /// <inheritdoc/>
    public override void Release(QueryBudget budget) => inner.Release(budget);
}
