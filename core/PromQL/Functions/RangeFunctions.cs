using System.Collections.Frozen;

namespace Tributary.PromQL.Functions;

/// <summary>The functions over ranges, by name.</summary>
internal static class RangeFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, RangeFunction> ByName = new Dictionary<string, RangeFunction>(
        StringComparer.Ordinal
    )
    {
        ["avg_over_time"] = new SumOverTime(isMean: true),
        ["changes"] = new TransitionCount(countsResets: false),
        ["count_over_time"] = new SampleOverTime(SampleKind.Count),
        ["delta"] = new RateOverTime(isCounter: false, isRate: false),
        ["deriv"] = new TrendOverTime(predicts: false),
        ["double_exponential_smoothing"] = new DoubleExponentialSmoothing(),
        ["first_over_time"] = new SampleOverTime(SampleKind.First),
        ["idelta"] = new LastTwoSamples(isRate: false),
        ["increase"] = new RateOverTime(isCounter: true, isRate: false),
        ["irate"] = new LastTwoSamples(isRate: true),
        ["last_over_time"] = new SampleOverTime(SampleKind.Last),
        ["mad_over_time"] = new MadOverTime(),
        ["max_over_time"] = new ExtremeOverTime(isMax: true, givesTime: false),
        ["min_over_time"] = new ExtremeOverTime(isMax: false, givesTime: false),
        ["predict_linear"] = new TrendOverTime(predicts: true),
        ["present_over_time"] = new SampleOverTime(SampleKind.Present),
        ["quantile_over_time"] = new QuantileOverTime(),
        ["rate"] = new RateOverTime(isCounter: true, isRate: true),
        ["resets"] = new TransitionCount(countsResets: true),
        ["stddev_over_time"] = new VarianceOverTime(isDeviation: true),
        ["stdvar_over_time"] = new VarianceOverTime(isDeviation: false),
        ["sum_over_time"] = new SumOverTime(isMean: false),
        ["ts_of_first_over_time"] = new SampleOverTime(SampleKind.FirstTime),
        ["ts_of_last_over_time"] = new SampleOverTime(SampleKind.LastTime),
        ["ts_of_max_over_time"] = new ExtremeOverTime(isMax: true, givesTime: true),
        ["ts_of_min_over_time"] = new ExtremeOverTime(isMax: false, givesTime: true),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
