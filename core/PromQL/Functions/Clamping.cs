using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// <c>clamp</c> with least and greatest value, <c>clamp_min</c>, <c>clamp_max</c>. Nothing comes of a least value above
/// the greatest, NaN of a bound that is NaN.
/// </summary>
/// <param name="hasMin">Whether an argument is the least value.</param>
/// <param name="hasMax">Whether one, behind it, is the greatest.</param>
internal sealed class Clamping(bool hasMin, bool hasMax) : InstantFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in InstantInput input, StepColumn result)
    {
        var values = input.Column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            var min = hasMin ? input.Parameter[i] : double.NegativeInfinity;
            var max =
                !hasMax ? double.PositiveInfinity
                : hasMin ? input.Parameter2[i]
                : input.Parameter[i];
            // Math.Min and Math.Max give NaN as soon as one is NaN, as upstream's do.
            result.Set(
                i,
                max < min || Absent.Is(values[i]) ? Absent.Value : Math.Max(min, Math.Min(max, values[i]))
            );
        }
    }
}
