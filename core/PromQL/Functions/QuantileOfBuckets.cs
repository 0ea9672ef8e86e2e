using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>
/// <c>histogram_quantile</c>, whose scalar argument is the quantile, and <c>histogram_quantiles</c>, which has several
/// behind the name of the label that tells them apart.
/// </summary>
/// <param name="hasSeveral">Which of the two.</param>
internal sealed class QuantileOfBuckets(bool hasSeveral) : BucketFunction
{
    private const int FirstOfSeveral = 2;

    /// <inheritdoc/>
    protected override int ResultCount(VectorInput input) => hasSeveral ? input.Parameters.Count : 1;

    /// <inheritdoc/>
    protected override IEnumerable<(LabelSet Labels, StepColumn Column)> SeriesOf(
        LabelSet labels,
        StepColumn column,
        int result,
        VectorInput input
    )
    {
        if (!hasSeveral)
        {
            return [(labels, column)];
        }
        // A quantile may be another at each step, and with it the label.
        var byLabel = new Dictionary<string, StepColumn>(StringComparer.Ordinal);
        var quantiles = input.Parameters[result].Span;
        for (var step = 0; step < quantiles.Length; step++)
        {
            var text = LabelValue(quantiles[step]);
            if (!byLabel.TryGetValue(text, out var own))
            {
                byLabel.Add(text, own = new StepColumn(column.Count));
            }
            own.Values[step] = column.Values[step];
        }
        return byLabel.Select(pair => (WithLabel(labels, input.Label, pair.Key), pair.Value));
    }

    /// <inheritdoc/>
    protected override void CheckParameters(VectorInput input)
    {
        for (var i = 0; i < input.Parameters.Count; i++)
        {
            var position = input.Context.PositionOf(hasSeveral ? FirstOfSeveral + i : i);
            var last = 0.5;
            foreach (var quantile in input.Parameters[i].Span)
            {
                if (!(quantile >= 0 && quantile <= 1) && !quantile.Equals(last))
                {
                    last = quantile;
                    input.Context.Annotations.Warn(AnnotationTexts.InvalidQuantile(quantile), position);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override double OfNative(Histogram value, int step, int result, VectorInput input, string metricName)
    {
        var quantile = HistogramQuantile.Of(input.Parameters[result].Span[step], value, out var note);
        if (note != NaNNote.None)
        {
            var text =
                note == NaNNote.Result
                    ? AnnotationTexts.QuantileIsNaN(metricName)
                    : AnnotationTexts.QuantileIsSkewed(metricName);
            input.Context.Annotations.Info(text, PositionOf(input));
        }
        return quantile;
    }

    /// <inheritdoc/>
    protected override double OfClassic(
        ClassicBuckets buckets,
        int step,
        int result,
        VectorInput input,
        string metricName
    )
    {
        var quantile = buckets.Quantile(input.Parameters[result].Span[step], out var repair);
        if (repair is { } told)
        {
            var time = input.Steps.At(step);
            input.Context.Annotations.ForcedMonotonicity(
                metricName,
                PositionOf(input),
                told with
                {
                    MinTimeMs = time,
                    MaxTimeMs = time,
                }
            );
        }
        return quantile;
    }

    private static LabelSet WithLabel(LabelSet labels, string name, string value) =>
        LabelSet.Of(
            labels
                .Labels.ToArray()
                .Where(label => !string.Equals(label.Name, name, StringComparison.Ordinal))
                .Append(new Label(name, value))
        );

    /// <summary>A quantile as OpenMetrics writes it: always with a point or an exponent.</summary>
    private static string LabelValue(double quantile)
    {
        var text = AnnotationTexts.Number(quantile);
        return double.IsFinite(quantile) && text.IndexOfAny(['.', 'e']) < 0 ? text + ".0" : text;
    }
}
