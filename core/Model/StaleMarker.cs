namespace Tributary.Model;

/// <summary>The sample that says "this series has ended": one bit pattern of NaN, as in Prometheus.</summary>
public static class StaleMarker
{
    /// <summary>The bits of the marker.</summary>
    public const ulong Bits = 0x7ff0000000000002;

    /// <summary>The bits of every other NaN after ingestion.</summary>
    public const ulong NormalNaNBits = 0x7ff8000000000001;

    /// <summary>The marker as a value.</summary>
    public static readonly double Value = BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>The one NaN that scraped NaNs become.</summary>
    public static readonly double NormalNaN = BitConverter.UInt64BitsToDouble(NormalNaNBits);

    /// <summary>Whether a value is the marker, and not just any NaN.</summary>
    public static bool IsStale(double value) => BitConverter.DoubleToUInt64Bits(value) == Bits;
}
