using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>A number that a native histogram gives; floats are left out.</summary>
/// <param name="function">The number.</param>
internal sealed class HistogramPart(Func<Histogram, double> function) : InstantFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in InstantInput input, StepColumn result)
    {
        for (var i = 0; i < input.Column.Count; i++)
        {
            result.Set(i, input.Column.HistogramAt(i) is { } histogram ? function(histogram) : Absent.Value);
        }
    }
}
