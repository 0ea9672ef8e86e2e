using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>histogram_fraction</c>: the scalar arguments are the bounds.</summary>
internal sealed class FractionOfBuckets : BucketFunction
{
    /// <inheritdoc/>
    protected override void CheckParameters(VectorInput input) { }

    /// <inheritdoc/>
    protected override double OfNative(Histogram value, int step, int result, VectorInput input, string metricName)
    {
        var (lower, upper) = (input.Parameters[0].Span[step], input.Parameters[1].Span[step]);
        var fraction = HistogramFraction.Of(lower, upper, value, out var note);
        if (note != NaNNote.None)
        {
            input.Context.Annotations.Info(AnnotationTexts.FractionWithoutNaN(metricName), PositionOf(input));
        }
        return fraction;
    }

    /// <inheritdoc/>
    protected override double OfClassic(
        ClassicBuckets buckets,
        int step,
        int result,
        VectorInput input,
        string metricName
    ) => buckets.Fraction(input.Parameters[0].Span[step], input.Parameters[1].Span[step]);
}
