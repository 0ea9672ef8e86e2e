using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>A function over ranges of one series: <c>rate</c>, <c>avg_over_time</c>, …</summary>
/// <remarks>
/// It gets a whole series and all windows at once, so that it slides from window to window. <c>absent_over_time</c> is
/// made of <c>present_over_time</c> by who evaluates the query.
/// </remarks>
internal abstract class RangeFunction
{
    /// <summary>Whether results keep the metric name.</summary>
    public virtual bool KeepsName => false;

    /// <summary>The function of a name; null when there is none over ranges.</summary>
    public static RangeFunction? Find(string name) => RangeFunctions.ByName.GetValueOrDefault(name);

    /// <summary>Computes all windows; reads nothing but its input, so series may be evaluated in parallel.</summary>
    /// <param name="input">The series and its windows.</param>
    /// <param name="result">Without values before; as many steps as windows.</param>
    /// <exception cref="FunctionException">A scalar argument is not valid.</exception>
    public abstract void Evaluate(in RangeInput input, StepColumn result);
}
