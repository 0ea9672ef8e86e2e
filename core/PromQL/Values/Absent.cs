using Tributary.Model;

namespace Tributary.PromQL.Values;

/// <summary>"No value at this step": the bits of the staleness marker, which no function returns.</summary>
internal static class Absent
{
    /// <summary>The value that says so. Compare with <see cref="Is"/>: it is one NaN among many.</summary>
    public static readonly double Value = StaleMarker.Value;

    /// <summary>Whether a value is none.</summary>
    public static bool Is(double value) => BitConverter.DoubleToUInt64Bits(value) == StaleMarker.Bits;
}
