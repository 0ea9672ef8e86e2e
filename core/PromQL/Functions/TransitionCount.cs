using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>changes</c> and <c>resets</c>: how many neighbours in a window differ, or are a reset.</summary>
/// <remarks>Each pair of neighbours is compared once; a window is the difference of two counts.</remarks>
/// <param name="countsResets">Which of the two.</param>
internal sealed class TransitionCount(bool countsResets) : RangeFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = StartTimes.Used(input);
        var upTo = new int[samples.Count];
        for (var i = 1; i < upTo.Length; i++)
        {
            upTo[i] = upTo[i - 1] + (IsCounted(samples, i) ? 1 : 0);
        }
        var isAnchored = input.Context.Extension == WindowExtension.Anchored;
        var windows = new WindowSlider(samples.Times, input);
        while (windows.Next())
        {
            if (windows.Count == 0)
            {
                continue;
            }
            var first = windows.Low;
            if (isAnchored)
            {
                // The last sample at or before the start is where counting begins.
                var start = input.Ends.At(windows.Step) - input.RangeMs;
                if (samples.Times[windows.High - 1] <= start)
                {
                    continue;
                }
                while (first + 1 < windows.High && samples.Times[first + 1] <= start)
                {
                    first++;
                }
            }
            result.Values[windows.Step] = upTo[windows.High - 1] - upTo[first];
        }
    }

    private bool IsCounted(in SeriesSamples samples, int index)
    {
        var (before, after) = (samples.HistogramAt(index - 1), samples.HistogramAt(index));
        if (before is null != after is null)
        {
            return true;
        }
        if (countsResets && StartTimes.IsReset(samples.StartTimes, samples.Times, index))
        {
            return true;
        }
        return before is null || after is null
            ? IsCounted(samples.Values[index - 1], samples.Values[index])
            : IsCounted(before, after);
    }

    private bool IsCounted(double before, double after) =>
        countsResets ? after < before : after != before && !(double.IsNaN(after) && double.IsNaN(before));

    private bool IsCounted(Histogram before, Histogram after) =>
        countsResets
            ? ResetDetection.IsReset(after.ToFloat(), before.ToFloat())
            : !HistogramArithmetic.AreEqual(before, after);
}
