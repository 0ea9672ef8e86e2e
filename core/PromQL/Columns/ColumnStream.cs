using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>An instant vector at all steps: its series are known, their values are computed one series at a time.</summary>
/// <remarks>
/// So an aggregation over ten thousand series never has ten thousand columns in memory. Several threads may compute
/// several series at once. Each series is computed once: there is one consumer.
/// </remarks>
/// <param name="grid">The steps.</param>
internal abstract class ColumnStream(StepGrid grid)
{
    /// <summary>The steps.</summary>
    public StepGrid Grid { get; } = grid;

    /// <summary>How many series there are, those without any value included.</summary>
    public abstract int Count { get; }

    /// <summary>Whether the labels of a series are its <see cref="RawLabelsOf"/> without name, type and unit.</summary>
    public virtual bool DropsMetadata => false;

    /// <summary>The labels of a series.</summary>
    public virtual LabelSet LabelsOf(int series) =>
        DropsMetadata ? Metadata.Drop(RawLabelsOf(series)) : RawLabelsOf(series);

    /// <summary>The labels of a series before name, type and unit go: cheaper for who does not look at those.</summary>
    public abstract LabelSet RawLabelsOf(int series);

    /// <summary>Whether the metric name is to go at the end of the query.</summary>
    public virtual bool DropsNameLater(int series) => false;

    /// <summary>The values of a series if they are in memory; whoever gets them may change them.</summary>
    public virtual StepColumn? Stored(int series) => null;

    /// <summary>Computes the values of a series.</summary>
    /// <param name="series">Which one.</param>
    /// <param name="result">Without values, as long as the grid.</param>
    /// <param name="workspace">The buffers of the thread.</param>
    public abstract void Compute(int series, StepColumn result, Workspace workspace);

    /// <summary>Lets go of what the stream holds in memory.</summary>
    public virtual void Release(QueryBudget budget) { }
}
