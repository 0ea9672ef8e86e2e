using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>Functions that take one sample of a window, or only ask whether there are some: no value is computed.</summary>
/// <param name="kind">Which.</param>
internal sealed class SampleOverTime(SampleKind kind) : RangeFunction
{
    /// <inheritdoc/>
    public override bool KeepsName => kind is SampleKind.First or SampleKind.Last;

    /// <inheritdoc/>
    public override void Evaluate(in RangeInput input, StepColumn result)
    {
        var samples = input.Samples;
        var windows = new WindowSlider(samples.Times, input);
        while (windows.Next())
        {
            if (windows.Count > 0)
            {
                Put(result, windows, samples);
            }
        }
    }

    private void Put(StepColumn result, in WindowSlider windows, in SeriesSamples samples)
    {
        var (step, first, last) = (windows.Step, windows.Low, windows.High - 1);
        switch (kind)
        {
            case SampleKind.Count:
                result.Values[step] = windows.Count;
                break;
            case SampleKind.Present:
                result.Values[step] = 1;
                break;
            case SampleKind.FirstTime:
                result.Values[step] = samples.Times[first] / 1000.0;
                break;
            case SampleKind.LastTime:
                result.Values[step] = samples.Times[last] / 1000.0;
                break;
            default:
                Copy(result, step, samples, kind == SampleKind.First ? first : last);
                break;
        }
    }

    private static void Copy(StepColumn result, int step, in SeriesSamples samples, int index)
    {
        if (samples.HistogramAt(index) is { } histogram)
        {
            result.Set(step, histogram.ToFloat());
        }
        else
        {
            result.Values[step] = samples.Values[index];
        }
    }
}

/// <summary>What <see cref="SampleOverTime"/> takes of a window.</summary>
internal enum SampleKind
{
    /// <summary><c>count_over_time</c></summary>
    Count,

    /// <summary><c>present_over_time</c></summary>
    Present,

    /// <summary><c>first_over_time</c></summary>
    First,

    /// <summary><c>last_over_time</c></summary>
    Last,

    /// <summary><c>ts_of_first_over_time</c></summary>
    FirstTime,

    /// <summary><c>ts_of_last_over_time</c></summary>
    LastTime,
}
