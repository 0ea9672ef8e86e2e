using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary>One value of a vector: a float, or a histogram where that is not null.</summary>
internal readonly record struct Element(double Float, Histogram? Histogram)
{
    /// <summary>The value of a column at a step; <see cref="Absent"/> where there is none.</summary>
    public static Element At(StepColumn column, int step) => new(column.Values[step], column.HistogramAt(step));

    /// <summary>Whether there is a value.</summary>
    public bool IsPresent => Histogram is not null || !Absent.Is(Float);
}
