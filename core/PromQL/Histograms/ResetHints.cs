using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Which contradicting hints an aggregation has met.</summary>
internal struct ResetHints
{
    private bool hasReset;
    private bool hasNoReset;

    /// <summary>Whether both were met.</summary>
    public readonly HistogramOutcome Outcome =>
        hasReset && hasNoReset ? HistogramOutcome.ResetCollision : HistogramOutcome.None;

    /// <summary>Takes note of one.</summary>
    public void Add(CounterResetHint hint)
    {
        hasReset |= hint == CounterResetHint.CounterReset;
        hasNoReset |= hint == CounterResetHint.NotCounterReset;
    }
}
