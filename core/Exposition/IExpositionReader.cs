using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>
/// What the readers of all formats have in common. It is only ever a constraint: code over it is compiled for each
/// reader, so that a sample costs no call through a table.
/// </summary>
internal interface IExpositionReader
{
    /// <summary>Whether labels and help texts follow OpenMetrics' rules instead of the looser ones of Prometheus' text.</summary>
    static abstract bool IsOpenMetrics { get; }

    /// <summary>How many bytes have been read: the beginning of the first line that has not.</summary>
    int Consumed { get; }

    /// <summary>The number of the line at <see cref="Consumed"/>.</summary>
    int Line { get; }

    /// <summary>Where <see cref="Consumed"/> lies in the body.</summary>
    long Offset { get; }

    /// <summary>Whether the format's end marker was read.</summary>
    bool HasEnded { get; }

    /// <summary>The sample's series as written, from its name to the end of its labels.</summary>
    ReadOnlySpan<byte> Series { get; }

    /// <summary>The sample's value; NaN is <see cref="StaleMarker.NormalNaN"/>.</summary>
    double Value { get; }

    /// <summary>The sample's value when it is a native histogram; else null.</summary>
    Histogram? Histogram { get; }

    /// <summary>Whether the sample has a timestamp of its own.</summary>
    bool HasTimestamp { get; }

    /// <summary>The sample's timestamp, in milliseconds since the epoch.</summary>
    long TimestampMs { get; }

    /// <summary>The family that a type, help text or unit is of, escaped when it was quoted.</summary>
    ReadOnlySpan<byte> Family { get; }

    /// <summary>The type, the escaped help text, or the unit.</summary>
    ReadOnlySpan<byte> Text { get; }

    /// <summary>Reads the next line if it is a plain sample of the series expected there; else nothing has happened.</summary>
    /// <param name="length">The length of the series' text; 0 when none is expected.</param>
    /// <param name="hash"><see cref="ByteHash.Compute128"/> of the series' text.</param>
    bool TryReadExpected(int length, UInt128 hash);

    /// <summary>Reads the next sample, type, help text or unit; what has no meaning is passed over.</summary>
    /// <exception cref="ExpositionException">The line is not in the format.</exception>
    TextEntry Read();

    /// <summary>An error in the labels of the sample read last.</summary>
    ExpositionException ErrorInSample(string problem);

    /// <summary>An error at a place in the bytes.</summary>
    ExpositionException Error(string problem, int at);
}
