using System.Diagnostics.CodeAnalysis;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Reads a text format, and hands out native histograms with custom buckets in place of the lines of classic ones.</summary>
/// <param name="inner">Reads the text.</param>
/// <param name="group">What is kept from one reader of a body to the next.</param>
/// <param name="isEnd">Whether the body ends behind what is at hand.</param>
internal ref struct ClassicReader<TReader>(TReader inner, ClassicGroup group, bool isEnd) : IExpositionReader
    where TReader : struct, IExpositionReader, allows ref struct
{
    /// <remarks>Not readonly: its calls change it, and would change copies.</remarks>
    [SuppressMessage("Style", "IDE0044:Add readonly modifier", Justification = "It is changed by its own methods.")]
    private TReader inner = inner;

    /// <summary>What the inner reader has read and nobody has taken yet.</summary>
    private TextEntry? held;

    /// <inheritdoc/>
    public static bool IsOpenMetrics => TReader.IsOpenMetrics;

    /// <inheritdoc/>
    public int Consumed => inner.Consumed;

    /// <inheritdoc/>
    public int Line => inner.Line;

    /// <inheritdoc/>
    public long Offset => inner.Offset;

    /// <inheritdoc/>
    public bool HasEnded => inner.HasEnded;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Series => Histogram is null ? inner.Series : group.Series;

    /// <inheritdoc/>
    public double Value => Histogram is null ? inner.Value : StaleMarker.NormalNaN;

    /// <inheritdoc/>
    public Histogram? Histogram { get; private set; }

    /// <inheritdoc/>
    public bool HasTimestamp => Histogram is null ? inner.HasTimestamp : group.TimestampMs is not null;

    /// <inheritdoc/>
    public long TimestampMs => Histogram is null ? inner.TimestampMs : group.TimestampMs ?? 0;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Family => inner.Family;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Text => inner.Text;

    /// <inheritdoc/>
    public bool TryReadExpected(int length, UInt128 hash)
    {
        if (group.IsInFamily || held is not null)
        {
            return false;
        }
        Histogram = null;
        return inner.TryReadExpected(length, hash);
    }

    /// <inheritdoc/>
    public TextEntry Read()
    {
        Histogram = null;
        while (true)
        {
            var entry = held ?? inner.Read();
            held = null;
            var isPart =
                entry is TextEntry.Sample
                    ? group.TryTake(inner.Series, inner.Value, inner.HasTimestamp ? inner.TimestampMs : null)
                    : null;
            if (isPart is true)
            {
                if (group.KeepsClassic)
                {
                    return TextEntry.Sample;
                }
                continue;
            }
            if (entry is TextEntry.End && !(inner.HasEnded || (isEnd && group.IsWhole)))
            {
                return TextEntry.End;
            }
            if (group.IsOpen)
            {
                // The line is read again, behind the histogram before it.
                held = entry;
                if (group.TryEnd(out var histogram))
                {
                    Histogram = histogram;
                    return TextEntry.Histogram;
                }
                continue;
            }
            if (entry is TextEntry.Type)
            {
                group.BeginFamily(inner.Family, inner.Text);
            }
            return entry;
        }
    }

    /// <inheritdoc/>
    public ExpositionException ErrorInSample(string problem) => inner.ErrorInSample(problem);

    /// <inheritdoc/>
    public ExpositionException Error(string problem, int at) => inner.Error(problem, at);
}
