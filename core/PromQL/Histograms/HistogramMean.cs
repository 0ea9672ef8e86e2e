using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>The mean of histograms, of a window or of a group.</summary>
/// <remarks>
/// A compensated sum divided at the end; once that would become infinite, a mean that is corrected with each histogram, as
/// upstream has it.
/// </remarks>
internal sealed class HistogramMean
{
    private readonly HistogramAccumulator part = new();
    private HistogramAccumulator mean = new(isCompensated: true);
    private HistogramAccumulator tried = new(isCompensated: true);
    private ResetHints hints;
    private double count;
    private bool isIncremental;

    /// <inheritdoc cref="HistogramSum.Outcome"/>
    public HistogramOutcome Outcome { get; private set; }

    /// <summary>How many buckets it has.</summary>
    public int Buckets => mean.Buckets;

    /// <summary>For how many buckets its memory is counted.</summary>
    public int Counted { get; set; }

    /// <summary>Starts again.</summary>
    public void Clear()
    {
        (count, isIncremental, hints, Outcome) = (0, false, default, HistogramOutcome.None);
    }

    /// <summary>Adds a histogram.</summary>
    public void Add(Histogram value)
    {
        hints.Add(value.Hint);
        count++;
        if (count == 1)
        {
            mean.Load(value);
            return;
        }
        Outcome |= hints.Outcome;
        if (!isIncremental)
        {
            tried.Load(mean);
            Note(tried.Add(value));
            if (!tried.HasOverflow)
            {
                (mean, tried) = (tried, mean);
                return;
            }
            isIncremental = true;
            mean.Divide(count - 1);
        }
        part.Load(value);
        part.Divide(count);
        mean.Multiply((count - 1) / count);
        Note(mean.Add(part.ToHistogram(isCompact: false)));
    }

    /// <summary>The mean of those added, of which there is at least one.</summary>
    public Histogram Result()
    {
        if (isIncremental)
        {
            return mean.ToHistogram(isCompact: false);
        }
        tried.Load(mean);
        tried.Divide(count);
        return tried.ToHistogram(isCompact: false);
    }

    private void Note(HistogramOutcome outcome) => Outcome |= outcome & ~HistogramOutcome.ResetCollision;
}
