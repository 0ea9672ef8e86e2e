using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The samples of a pull in the order in which they came.</summary>
/// <param name="Numbers">The numbers of their series.</param>
/// <param name="TimestampsMs">Milliseconds since the epoch.</param>
/// <param name="Values">Floats.</param>
/// <param name="Histograms">Histograms, null where there is a float; empty when all are floats.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct PulledColumns(
    int[] Numbers,
    long[] TimestampsMs,
    double[] Values,
    Histogram?[] Histograms,
    int Count
);
