using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Sources;

/// <summary>Where queries get their series from: the port between evaluation and storage. Safe for several threads.</summary>
internal abstract class QuerySource
{
    /// <summary>The series that all matchers match and that have samples in a range. All input and output happens here.</summary>
    /// <param name="matchers">One at least.</param>
    /// <param name="range">The time; what is outside may come too, and is skipped.</param>
    /// <param name="limits">What the selection may take.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="QueryException">It takes more than the limits allow.</exception>
    public abstract Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    );

    /// <summary>Several selections, which share the limits; a source may read them at one moment of its data.</summary>
    /// <returns>One for each query.</returns>
    /// <exception cref="QueryException">They take more than the limits allow.</exception>
    public virtual async Task<IReadOnlyList<SourceSelection>> SelectAsync(
        IReadOnlyList<SourceQuery> queries,
        SourceLimits limits,
        CancellationToken cancellationToken
    ) => await Task.WhenAll(queries.Select(one => SelectAsync(one.Matchers, one.Range, limits, cancellationToken)));

    /// <summary>Leaves a place out from now on that turned out to be damaged; selections warn of it.</summary>
    /// <returns>False when it cannot: the query has no answer.</returns>
    public virtual Task<bool> LeaveOutAsync(CorruptDataException damage, CancellationToken cancellationToken) =>
        Task.FromResult(false);
}

/// <summary>Which series are wanted.</summary>
/// <param name="Matchers">What they satisfy, all of it.</param>
/// <param name="Range">The time.</param>
internal readonly record struct SourceQuery(IReadOnlyList<LabelMatcher> Matchers, TimeRange Range);

/// <summary>What one selection may take.</summary>
/// <param name="MaxSamples">The most samples.</param>
/// <param name="MaxBytes">The most memory that stays in use after the selection, in bytes.</param>
internal readonly record struct SourceLimits(long MaxSamples, long MaxBytes)
{
    /// <summary>No limits.</summary>
    public static readonly SourceLimits None = new(long.MaxValue, long.MaxValue);
}

/// <summary>What a selection found; everything that has to be read is in memory.</summary>
/// <param name="Series">In the order of their labels, each once.</param>
/// <param name="Warnings">What is not in them although it should be, for people.</param>
/// <param name="Bytes">The memory that the selection holds.</param>
internal sealed record SourceSelection(IReadOnlyList<SourceSeries> Series, IReadOnlyList<string> Warnings, long Bytes);

/// <summary>A series whose samples are in memory, perhaps still encoded.</summary>
/// <param name="labels">The series.</param>
/// <param name="sampleCount">How many samples it has at the most; a histogram counts as one.</param>
internal abstract class SourceSeries(LabelSet labels, int sampleCount)
{
    /// <summary>The series.</summary>
    public LabelSet Labels { get; } = labels;

    /// <summary>How many samples it has at the most; a histogram counts as one.</summary>
    public int SampleCount { get; } = sampleCount;

    /// <summary>Decodes the samples. Work of the processor alone; several threads may decode at once.</summary>
    /// <param name="range">The time that is needed; what is outside may come too.</param>
    /// <param name="buffer">Empty; takes the samples in time order, one a timestamp, staleness markers included.</param>
    /// <exception cref="Tributary.Binary.CorruptDataException">A chunk is damaged.</exception>
    public abstract void Decode(TimeRange range, SampleBuffer buffer);
}
