namespace Tributary.Benchmarks.Workload;

/// <summary>The one hash that all numbers of the workload come from.</summary>
internal static class Mixing
{
    /// <summary>SplitMix64's finaliser over two words.</summary>
    public static ulong Mix(ulong first, ulong second)
    {
        var z = first + 0x9E3779B97F4A7C15UL * (second + 1);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Unit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));
}
