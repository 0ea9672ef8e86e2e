using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>The compensated sum of histograms, of a window or of a group.</summary>
internal sealed class HistogramSum
{
    private readonly HistogramAccumulator sum = new(isCompensated: true);
    private ResetHints hints;
    private bool isEmpty = true;

    /// <summary>What all additions had to tell; with <see cref="HistogramOutcome.Incompatible"/> there is no sum.</summary>
    public HistogramOutcome Outcome { get; private set; }

    /// <summary>How many buckets it has.</summary>
    public int Buckets => sum.Buckets;

    /// <summary>For how many buckets its memory is counted.</summary>
    public int Counted { get; set; }

    /// <summary>Starts again.</summary>
    public void Clear()
    {
        (isEmpty, hints, Outcome) = (true, default, HistogramOutcome.None);
    }

    /// <summary>Adds a histogram.</summary>
    public void Add(Histogram value)
    {
        hints.Add(value.Hint);
        if (isEmpty)
        {
            isEmpty = false;
            sum.Load(value);
            return;
        }
        // A collision is one of any two, not only of neighbours.
        Outcome |= sum.Add(value) & ~HistogramOutcome.ResetCollision;
        Outcome |= hints.Outcome;
    }

    /// <summary>The sum of those added, of which there is at least one.</summary>
    public Histogram Result() => sum.ToHistogram(isCompact: false);
}
