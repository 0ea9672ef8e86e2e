using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>One series and all windows over it.</summary>
internal readonly ref struct RangeInput
{
    /// <summary>
    /// All samples that some window needs, and possibly more; with <c>anchored</c> or <c>smoothed</c> also those around
    /// the windows (<see cref="FunctionContext.LookbackMs"/>).
    /// </summary>
    public required SeriesSamples Samples { get; init; }

    /// <summary>The series' labels, with its metric name: annotations tell it.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The steps of the query.</summary>
    public required StepGrid Steps { get; init; }

    /// <summary>
    /// Where windows end, <c>offset</c> and <c>@</c> applied: window <c>i</c> is (<c>Ends.At(i) − RangeMs</c>,
    /// <c>Ends.At(i)</c>]. As many as <see cref="Steps"/>.
    /// </summary>
    public required StepGrid Ends { get; init; }

    /// <summary>The length of a window.</summary>
    public required long RangeMs { get; init; }

    /// <summary>
    /// The first scalar argument at each step (φ of <c>quantile_over_time</c>, seconds of <c>predict_linear</c>, the
    /// smoothing factor); empty when the function has none.
    /// </summary>
    public ReadOnlySpan<double> Parameter { get; init; }

    /// <summary>The second scalar argument at each step: the trend factor.</summary>
    public ReadOnlySpan<double> Parameter2 { get; init; }

    /// <summary>What holds for the whole call.</summary>
    public required FunctionContext Context { get; init; }
}
