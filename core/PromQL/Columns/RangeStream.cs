using Tributary.Model;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>A call of a function of ranges, but for where the samples come from.</summary>
/// <param name="Function">The function.</param>
/// <param name="Ends">Where windows end, one per step: <c>offset</c> and <c>@</c> are applied.</param>
/// <param name="RangeMs">How long a window is.</param>
/// <param name="Parameters">The scalar arguments, each with one value per step.</param>
/// <param name="Context">What holds for the whole call.</param>
internal sealed record RangeCall(
    RangeFunction Function,
    StepGrid Ends,
    long RangeMs,
    IReadOnlyList<double[]> Parameters,
    FunctionContext Context
)
{
    /// <summary>The samples that the windows need.</summary>
    public TimeRange Needed
    {
        get
        {
            var before = Context.Extension == WindowExtension.None ? 0 : Context.LookbackMs;
            var behind = Context.Extension == WindowExtension.Smoothed ? Context.LookbackMs : 0;
            return new TimeRange(Ends.StartMs - RangeMs - before + 1, Ends.EndMs + behind);
        }
    }

    /// <summary>Evaluates the function over one series.</summary>
    public void Evaluate(in SeriesSamples samples, LabelSet labels, StepGrid steps, StepColumn result)
    {
        if (samples.Count == 0)
        {
            return;
        }
        Function.Evaluate(
            new RangeInput
            {
                Samples = samples,
                Labels = labels,
                Steps = steps,
                Ends = Ends,
                RangeMs = RangeMs,
                Parameter = Parameters.Count > 0 ? Parameters[0] : [],
                Parameter2 = Parameters.Count > 1 ? Parameters[1] : [],
                Context = Context,
            },
            result
        );
    }

    /// <summary>Counts the samples of all windows.</summary>
    public void Count(in SeriesSamples samples, StepGrid steps, SampleCounter counter)
    {
        int first = 0,
            next = 0;
        for (var i = 0; i < Ends.Count; i++)
        {
            var end = Ends.At(i);
            while (next < samples.Count && samples.Times[next] <= end)
            {
                next++;
            }
            while (first < next && samples.Times[first] <= end - RangeMs)
            {
                first++;
            }
            if (next > first)
            {
                counter.Add(steps, i, next - first);
            }
        }
    }
}

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
        var buffer = workspace.RentSamples();
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
        var buffer = workspace.RentSamples();
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
