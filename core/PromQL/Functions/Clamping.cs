using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// <c>clamp</c> with least and greatest value, <c>clamp_min</c>, <c>clamp_max</c>. Nothing comes of a least value above
/// the greatest, NaN of a bound or value that is NaN, unless the other one is an infinity that decides.
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
            result.Set(i, max < min || Absent.Is(values[i]) ? Absent.Value : Greater(min, Lesser(max, values[i])));
        }
    }

    /// <summary>As upstream has it: NaN if one is NaN, unless the other one is what nothing is greater than.</summary>
    private static double Greater(double one, double other) =>
        double.IsPositiveInfinity(one) || double.IsPositiveInfinity(other)
            ? double.PositiveInfinity
            : Math.Max(one, other);

    /// <summary>The same from below.</summary>
    private static double Lesser(double one, double other) =>
        double.IsNegativeInfinity(one) || double.IsNegativeInfinity(other)
            ? double.NegativeInfinity
            : Math.Min(one, other);
}
