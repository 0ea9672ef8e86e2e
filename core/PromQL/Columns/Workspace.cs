using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>The buffers of one thread, used again for series after series; what they take is counted.</summary>
/// <param name="budget">What the query may hold.</param>
internal sealed class Workspace(QueryBudget budget)
{
    /// <summary>Time, value, and what buffers grow ahead.</summary>
    private const int SampleBytes = 24;

    private readonly Stack<StepColumn> columns = new();
    private readonly Stack<SampleBuffer> buffers = new();

    /// <summary>An empty buffer for samples; to be given back.</summary>
    /// <param name="samples">So many may come.</param>
    /// <exception cref="QueryException">They would take too much memory.</exception>
    public SampleBuffer RentSamples(int samples)
    {
        var buffer = buffers.TryPop(out var free) ? free : new SampleBuffer();
        buffer.Clear();
        if (samples > buffer.Counted)
        {
            budget.TakeBytes((long)(samples - buffer.Counted) * SampleBytes);
            buffer.Counted = samples;
        }
        buffer.Decoded.MaxHistogramBytes = budget.BytesLeft;
        return buffer;
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(SampleBuffer buffer) => buffers.Push(buffer);

    /// <summary>A column without values; to be given back, or to be kept.</summary>
    /// <exception cref="QueryException">It would take too much memory.</exception>
    public StepColumn RentColumn(int count)
    {
        while (columns.TryPop(out var free))
        {
            if (free.Count == count)
            {
                free.Clear();
                return free;
            }
            Keep(free);
        }
        budget.TakeBytes((long)count * sizeof(double));
        return new StepColumn(count);
    }

    /// <summary>Gives a column back.</summary>
    public void Return(StepColumn column) => columns.Push(column);

    /// <summary>Leaves a column to another, who counts it.</summary>
    public void Keep(StepColumn column) => budget.ReleaseBytes((long)column.Count * sizeof(double));
}
