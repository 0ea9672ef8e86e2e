using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary>Summation after Kahan and Neumaier: what rounding loses is kept beside the sum.</summary>
internal static class CompensatedSum
{
    /// <summary>Adds a value to a sum that may be <see cref="Absent"/>, which starts it.</summary>
    public static void Add(double value, ref double sum, ref double lost)
    {
        if (Absent.Is(sum))
        {
            (sum, lost) = (value, 0);
            return;
        }
        Increase(value, ref sum, ref lost);
    }

    /// <summary>Adds a value to a sum.</summary>
    public static void Increase(double value, ref double sum, ref double lost)
    {
        var next = sum + value;
        lost =
            double.IsInfinity(next) ? 0
            : Math.Abs(sum) >= Math.Abs(value) ? lost + (sum - next + value)
            : lost + (value - next + sum);
        sum = next;
    }
}
