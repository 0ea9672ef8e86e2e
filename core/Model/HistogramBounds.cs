namespace Tributary.Model;

/// <summary>The bounds of a native histogram's buckets.</summary>
public static class HistogramBounds
{
    private const int FinestSchema = HistogramLayout.MaxSchema;

    /// <summary>
    /// The roots 2^(1/2), 2^(1/4), … 2^(1/256). The first is not the nearest float but the one below: so upstream has it,
    /// and bounds are part of its answers.
    /// </summary>
    private static readonly double[] Roots =
    [
        1.414213562373095,
        1.189207115002721,
        1.0905077326652577,
        1.0442737824274138,
        1.0218971486541166,
        1.0108892860517005,
        1.0054299011128027,
        1.0027112750502025,
    ];

    /// <summary>The numbers 2^(k/256 − 1), k = 0 … 255.</summary>
    private static readonly double[] Fractions = ComputeFractions();

    /// <summary>The upper bound of a bucket, by absolute value; it belongs to the bucket.</summary>
    /// <param name="layout">The histogram's buckets.</param>
    /// <param name="index">The bucket's index; one less gives its lower bound.</param>
    public static double Upper(HistogramLayout layout, int index) =>
        layout.IsCustom
            ? index < 0
                ? double.NegativeInfinity
                : index < layout.CustomValues.Length
                    ? layout.CustomValues[index]
                    : double.PositiveInfinity
            : Exponential(layout.Schema, index);

    /// <summary>The upper bound of a bucket of an exponential schema: 2^(index / 2^schema).</summary>
    /// <param name="schema">−4 to 8.</param>
    /// <param name="index">Of the bucket. Its bound is at most the largest float; only the bucket behind that has +Inf.</param>
    public static double Exponential(int schema, int index)
    {
        long exponent;
        var fraction = 0;
        if (schema < 0)
        {
            exponent = (long)index << -schema;
        }
        else
        {
            exponent = index >> schema;
            fraction = (index & ((1 << schema) - 1)) << (FinestSchema - schema);
        }
        return exponent == 1024 && fraction == 0
            ? double.MaxValue
            : Math.ScaleB(2 * Fractions[fraction], (int)Math.Clamp(exponent, -5000, 5000));
    }

    /// <summary>Each schema has the bounds of the one before, and each of those times its root: as upstream rounds them.</summary>
    private static double[] ComputeFractions()
    {
        double[] fractions = [0.5];
        foreach (var root in Roots)
        {
            fractions = [.. fractions.SelectMany(fraction => new[] { fraction, fraction * root })];
        }
        return fractions;
    }
}
