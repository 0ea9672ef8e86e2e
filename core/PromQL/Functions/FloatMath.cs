using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>A function of one float; histograms are left out.</summary>
/// <param name="function">The function.</param>
internal sealed class FloatMath(Func<double, double> function) : InstantFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in InstantInput input, StepColumn result)
    {
        var values = input.Column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            result.Set(i, Absent.Is(values[i]) ? Absent.Value : function(values[i]));
        }
    }
}
