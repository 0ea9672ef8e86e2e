using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>The buffers of one thread, used again for series after series.</summary>
internal sealed class Workspace
{
    private readonly Stack<StepColumn> columns = new();
    private readonly Stack<SampleBuffer> buffers = new();

    /// <summary>An empty buffer for samples; to be given back.</summary>
    public SampleBuffer RentSamples()
    {
        var buffer = buffers.TryPop(out var free) ? free : new SampleBuffer();
        buffer.Clear();
        return buffer;
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(SampleBuffer buffer) => buffers.Push(buffer);

    /// <summary>A column without values; to be given back.</summary>
    public StepColumn RentColumn(int count)
    {
        while (columns.TryPop(out var free))
        {
            if (free.Count == count)
            {
                free.Clear();
                return free;
            }
        }
        return new StepColumn(count);
    }

    /// <summary>Gives a column back.</summary>
    public void Return(StepColumn column) => columns.Push(column);
}
