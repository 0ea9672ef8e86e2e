using System.Numerics;
using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>sum</c> of floats, compensated, or of histograms; a group with both has no sum at that step.</summary>
internal sealed class SumAccumulator(AggregateExpression expression, QueryRun run) : Accumulator(expression, run)
{
    private int steps;
    private double[] sums = [];
    private double[] lost = [];
    private HistogramGroups<HistogramSum>? histograms;
    private int groupCount;

    /// <inheritdoc/>
    public override int BytesPerStep => 2 * sizeof(double);

    /// <inheritdoc/>
    public override void Start(int groups, int steps)
    {
        (groupCount, this.steps) = (groups, steps);
        var size = checked(groups * steps);
        (sums, lost) = (new double[size], new double[size]);
        sums.AsSpan().Fill(Absent.Value);
    }

    /// <inheritdoc/>
    public override void Add(int group, string series, StepColumn column, int from, int to)
    {
        var at = (group * steps) + from;
        var values = column.Values.AsSpan(from, to - from);
        Add(values, sums.AsSpan(at, values.Length), lost.AsSpan(at, values.Length));
        if (column.Histograms is not null)
        {
            AddHistograms(group, series, column, from, to);
        }
    }

    /// <inheritdoc/>
    public override void Finish(int group, StepColumn result)
    {
        for (var i = 0; i < steps; i++)
        {
            var at = (group * steps) + i;
            var hasFloat = !Absent.Is(sums[at]);
            if (histograms?[group, i] is not { } histogram)
            {
                if (hasFloat)
                {
                    result.Values[i] = sums[at] + lost[at];
                }
            }
            else if (hasFloat)
            {
                Warn(AnnotationTexts.MixedFloatsHistogramsInAggregation);
            }
            else
            {
                if (histogram.Outcome.HasFlag(HistogramOutcome.ResetCollision))
                {
                    Warn(AnnotationTexts.ResetCollisionInAggregation);
                }
                if (!histogram.Outcome.HasFlag(HistogramOutcome.Incompatible))
                {
                    result.Set(i, histogram.Result().Compact());
                }
                ReleaseHistogram(histogram.Counted);
            }
        }
    }

    /// <summary>Neumaier's sum, branch-free: the error of an addition is the same whichever operand is greater.</summary>
    private static void Add(ReadOnlySpan<double> values, Span<double> sums, Span<double> lost)
    {
        var vectors = values.Length - (values.Length % Vector<double>.Count);
        var absent = new Vector<long>(unchecked((long)StaleMarker.Bits));
        var infinity = new Vector<double>(double.PositiveInfinity);
        for (var i = 0; i < vectors; i += Vector<double>.Count)
        {
            var value = new Vector<double>(values[i..]);
            var sum = new Vector<double>(sums[i..]);
            var error = new Vector<double>(lost[i..]);
            var isAbsent = Vector.Equals(Vector.AsVectorInt64(value), absent);
            var isFirst = Vector.Equals(Vector.AsVectorInt64(sum), absent);
            var next = sum + value;
            var part = next - sum;
            var nextError = error + ((sum - (next - part)) + (value - part));
            var isInfinite = Vector.Equals(Vector.Abs(next), infinity);
            nextError = Vector.ConditionalSelect(isInfinite, Vector<double>.Zero, nextError);
            next = Vector.ConditionalSelect(isFirst, value, next);
            nextError = Vector.ConditionalSelect(isFirst, Vector<double>.Zero, nextError);
            Vector.ConditionalSelect(isAbsent, sum, next).CopyTo(sums[i..]);
            Vector.ConditionalSelect(isAbsent, error, nextError).CopyTo(lost[i..]);
        }
        for (var i = vectors; i < values.Length; i++)
        {
            if (!Absent.Is(values[i]))
            {
                CompensatedSum.Add(values[i], ref sums[i], ref lost[i]);
            }
        }
    }

    private void AddHistograms(int group, string series, StepColumn column, int from, int to)
    {
        var all = LazyInitializer.EnsureInitialized(
            ref histograms,
            () => new HistogramGroups<HistogramSum>(groupCount, steps)
        );
        for (var i = from; i < to; i++)
        {
            if (column.HistogramAt(i) is not { } histogram)
            {
                continue;
            }
            ref var sum = ref all[group, i];
            sum ??= new HistogramSum();
            if (sum.Outcome.HasFlag(HistogramOutcome.Incompatible))
            {
                continue;
            }
            sum.Add(histogram);
            sum.Counted = CountHistogram(sum.Counted, sum.Buckets);
            NoteHistogram(series, sum.Outcome);
        }
    }
}
