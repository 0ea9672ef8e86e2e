using System.Runtime.CompilerServices;

namespace Tributary.PromQL.Functions;

/// <summary>The time that samples of a window cover, and how far it is extrapolated; seconds.</summary>
/// <remarks>
/// Samples that end closer to a bound of the window than 1.1 of their average distance are taken to reach it; otherwise half
/// an average distance is added. A counter is not extrapolated to below 0.
/// </remarks>
internal struct RateSpan
{
    private const double ClosenessFactor = 1.1;

    private readonly long lastMs;
    private readonly long startMs;
    private readonly double average;
    private double sampled;
    private double toStart;
    private double toEnd;

    /// <summary>The samples of a window; times in milliseconds.</summary>
    /// <param name="firstMs">Of the first sample.</param>
    /// <param name="lastMs">Of the last.</param>
    /// <param name="startMs">The start of the window.</param>
    /// <param name="endMs">Its end.</param>
    /// <param name="count">How many samples there are.</param>
    public RateSpan(long firstMs, long lastMs, long startMs, long endMs, int count)
    {
        (this.lastMs, this.startMs) = (lastMs, startMs);
        FirstMs = firstMs;
        toStart = (firstMs - startMs) / 1000.0;
        toEnd = (endMs - lastMs) / 1000.0;
        sampled = (lastMs - firstMs) / 1000.0;
        average = count > 1 ? sampled / (count - 1) : 0;
    }

    /// <summary>The time of the first sample.</summary>
    public long FirstMs { get; }

    /// <summary>
    /// Lets the span begin where the counter was started, if that lies between the window's start and the first sample: the
    /// counter was 0 then.
    /// </summary>
    /// <param name="counterStartMs">0 when not known.</param>
    public bool StartAt(long counterStartMs)
    {
        if (counterStartMs == 0 || counterStartMs <= startMs || counterStartMs >= FirstMs)
        {
            return false;
        }
        toStart = 0;
        sampled = (lastMs - counterStartMs) / 1000.0;
        return true;
    }

    /// <summary>Decides how far to go before the first sample.</summary>
    /// <param name="isCounter">Whether values begin at 0.</param>
    /// <param name="firstValue">The first value, or count.</param>
    /// <param name="change">By how much it changed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ExtrapolateToStart(bool isCounter, double firstValue, double change)
    {
        if (toStart >= average * ClosenessFactor)
        {
            toStart = average / 2;
        }
        if (isCounter && change > 0 && firstValue >= 0)
        {
            var toZero = sampled * (firstValue / change);
            if (toZero < toStart)
            {
                toStart = toZero;
            }
        }
    }

    /// <summary>What the change is to be multiplied by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly double Factor()
    {
        var behind = toEnd >= average * ClosenessFactor ? average / 2 : toEnd;
        return sampled == 0 ? 1 : (sampled + toStart + behind) / sampled;
    }
}
