using Tributary.Model;
using Tributary.PromQL.Functions;
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
