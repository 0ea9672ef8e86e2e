namespace Tributary.Benchmarks.Measuring;

/// <summary>Order statistics of a few repetitions.</summary>
internal static class Median
{
    public static double Of(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>The nearest rank.</summary>
    public static double Quantile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Round(quantile * (sorted.Length - 1))];
    }
}
