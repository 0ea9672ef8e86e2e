using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>What is the same for all series of one call in a query; shared between threads.</summary>
/// <param name="Annotations">Takes warnings and infos.</param>
/// <param name="ArgumentPositions">Where each argument starts, in UTF-16 units of the query.</param>
internal sealed record FunctionContext(AnnotationSet Annotations, IReadOnlyList<int> ArgumentPositions)
{
    /// <summary>What the selector's <c>anchored</c> or <c>smoothed</c> asks for.</summary>
    public WindowExtension Extension { get; init; }

    /// <summary>How far samples around a window count when <see cref="Extension"/> is set, in milliseconds.</summary>
    public long LookbackMs { get; init; }

    /// <summary>Whether <c>rate</c> and its like look at start timestamps; off without the feature.</summary>
    public bool UsesStartTimes { get; init; }

    /// <summary>Whether counters are told by the label <c>__type__</c>, not by the suffix of the name.</summary>
    public bool UsesTypeLabels { get; init; }

    /// <summary>Whether metric names go at the end of the query; annotations of classic histograms then name them.</summary>
    public bool DelaysNameRemoval { get; init; }

    /// <summary>Ends the query: looked at between windows, of which one series may have very many.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Where the first argument starts: the place of most annotations.</summary>
    public int Position => PositionOf(0);

    /// <summary>Where an argument starts.</summary>
    public int PositionOf(int argument) => argument < ArgumentPositions.Count ? ArgumentPositions[argument] : 0;
}
