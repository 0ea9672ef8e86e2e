using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// A function of one value of one series: mathematics, <c>clamp</c>, <c>round</c>, dates, and parts of native histograms
/// (<c>histogram_count</c> and its like).
/// </summary>
/// <remarks>
/// All of them drop the metric name. Without an argument, date functions are evaluated over a column of
/// <c>time()</c>; <c>time</c>, <c>pi</c>, <c>timestamp</c>, <c>vector</c> and <c>scalar</c> belong to the evaluation.
/// </remarks>
internal abstract class InstantFunction
{
    /// <summary>The function of a name; null when there is none of this kind.</summary>
    public static InstantFunction? Find(string name) => InstantFunctions.ByName.GetValueOrDefault(name);

    /// <summary>Computes all steps.</summary>
    /// <param name="input">The series and the scalar arguments.</param>
    /// <param name="result">All its steps are written; may be the column of the input.</param>
    public abstract void Evaluate(in InstantInput input, StepColumn result);
}
