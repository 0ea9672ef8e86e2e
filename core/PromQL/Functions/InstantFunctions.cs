using System.Collections.Frozen;
using Tributary.PromQL.Histograms;

namespace Tributary.PromQL.Functions;

/// <summary>The functions of one value, by name.</summary>
internal static class InstantFunctions
{
    /// <summary>All of them.</summary>
    public static readonly FrozenDictionary<string, InstantFunction> ByName = new Dictionary<string, InstantFunction>(
        StringComparer.Ordinal
    )
    {
        ["abs"] = new FloatMath(Math.Abs),
        ["acos"] = new FloatMath(Math.Acos),
        ["acosh"] = new FloatMath(Math.Acosh),
        ["asin"] = new FloatMath(Math.Asin),
        ["asinh"] = new FloatMath(Math.Asinh),
        ["atan"] = new FloatMath(Math.Atan),
        ["atanh"] = new FloatMath(Math.Atanh),
        ["ceil"] = new FloatMath(Math.Ceiling),
        ["clamp"] = new Clamping(hasMin: true, hasMax: true),
        ["clamp_max"] = new Clamping(hasMin: false, hasMax: true),
        ["clamp_min"] = new Clamping(hasMin: true, hasMax: false),
        ["cos"] = new FloatMath(Math.Cos),
        ["cosh"] = new FloatMath(Math.Cosh),
        ["day_of_month"] = new DatePart(DateField.Day),
        ["day_of_week"] = new DatePart(DateField.DayOfWeek),
        ["day_of_year"] = new DatePart(DateField.DayOfYear),
        ["days_in_month"] = new DatePart(DateField.DaysInMonth),
        ["deg"] = new FloatMath(radians => radians * 180 / Math.PI),
        ["exp"] = new FloatMath(Math.Exp),
        ["floor"] = new FloatMath(Math.Floor),
        ["histogram_avg"] = new HistogramPart(histogram => histogram.Sum / histogram.Count),
        ["histogram_count"] = new HistogramPart(histogram => histogram.Count),
        ["histogram_stddev"] = new HistogramPart(histogram => Math.Sqrt(HistogramVariance.Of(histogram))),
        ["histogram_stdvar"] = new HistogramPart(HistogramVariance.Of),
        ["histogram_sum"] = new HistogramPart(histogram => histogram.Sum),
        ["hour"] = new DatePart(DateField.Hour),
        ["ln"] = new FloatMath(Math.Log),
        ["log10"] = new FloatMath(Math.Log10),
        ["log2"] = new FloatMath(Math.Log2),
        ["minute"] = new DatePart(DateField.Minute),
        ["month"] = new DatePart(DateField.Month),
        ["rad"] = new FloatMath(degrees => degrees * Math.PI / 180),
        ["round"] = new Rounding(),
        ["sgn"] = new FloatMath(value =>
            value < 0 ? -1
            : value > 0 ? 1
            : value
        ),
        ["sin"] = new FloatMath(Math.Sin),
        ["sinh"] = new FloatMath(Math.Sinh),
        ["sqrt"] = new FloatMath(Math.Sqrt),
        ["tan"] = new FloatMath(Math.Tan),
        ["tanh"] = new FloatMath(Math.Tanh),
        ["year"] = new DatePart(DateField.Year),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
