using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>Slides the windows of a call over the times of a series: each sample comes in and goes out once.</summary>
internal ref struct WindowSlider
{
    private readonly ReadOnlySpan<long> times;
    private readonly StepGrid ends;
    private readonly long before;
    private readonly long after;
    private readonly CancellationToken stop;
    private int low;
    private int high;

    /// <summary>The windows of an input over some times, which rise.</summary>
    public WindowSlider(ReadOnlySpan<long> times, in RangeInput input)
    {
        this.times = times;
        ends = input.Ends;
        var (extension, lookback) = (input.Context.Extension, input.Context.LookbackMs);
        before = input.RangeMs + (extension == WindowExtension.None ? 0 : lookback);
        after = extension == WindowExtension.Smoothed ? lookback : 0;
        stop = input.Context.Stop;
        Step = -1;
    }

    /// <summary>Which window it is.</summary>
    public int Step { get; private set; }

    /// <summary>The first sample of the window.</summary>
    public readonly int Low => low;

    /// <summary>The sample behind its last one.</summary>
    public readonly int High => high;

    /// <summary>How many samples it has.</summary>
    public readonly int Count => high - low;

    /// <summary>Goes to the next window; false when there is none.</summary>
    /// <exception cref="OperationCanceledException">The query has to end.</exception>
    public bool Next()
    {
        Step++;
        if (Step >= ends.Count)
        {
            return false;
        }
        if ((Step & 15) == 0)
        {
            stop.ThrowIfCancellationRequested();
        }
        var end = ends.At(Step);
        while (high < times.Length && times[high] <= end + after)
        {
            high++;
        }
        while (low < high && times[low] <= end - before)
        {
            low++;
        }
        return true;
    }
}
