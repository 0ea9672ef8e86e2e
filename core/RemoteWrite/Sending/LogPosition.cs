namespace Tributary.RemoteWrite.Sending;

/// <summary>How far a destination has taken a log file.</summary>
/// <param name="Bytes">It has taken all parts that end here or before.</param>
/// <param name="Samples">Of the part behind them, it has taken so many samples, counted as the file holds them.</param>
internal readonly record struct LogPosition(long Bytes, int Samples) : IComparable<LogPosition>
{
    /// <inheritdoc/>
    public int CompareTo(LogPosition other) =>
        Bytes != other.Bytes ? Bytes.CompareTo(other.Bytes) : Samples.CompareTo(other.Samples);

    /// <summary>The one that is further.</summary>
    public static LogPosition Further(LogPosition one, LogPosition other) => one.CompareTo(other) >= 0 ? one : other;
}
