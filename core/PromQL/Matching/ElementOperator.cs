using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary>One value of a vector: a float, or a histogram where that is not null.</summary>
internal readonly record struct Element(double Float, Histogram? Histogram)
{
    /// <summary>The value of a column at a step; <see cref="Absent"/> where there is none.</summary>
    public static Element At(StepColumn column, int step) => new(column.Values[step], column.HistogramAt(step));

    /// <summary>Whether there is a value.</summary>
    public bool IsPresent => Histogram is not null || !Absent.Is(Float);
}

/// <summary>An operator between two values, of which either may be a histogram.</summary>
/// <param name="operator">No set operator.</param>
/// <param name="position">Of the whole expression, for annotations.</param>
/// <param name="run">The query.</param>
internal sealed class ElementOperator(BinaryOperator @operator, int position, QueryRun run)
{
    /// <summary>Evaluates the operator.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value.</param>
    /// <param name="result">What comes out; of comparisons the left value.</param>
    /// <param name="keeps">False for a comparison that does not hold.</param>
    /// <returns>False when the types do not go together: nothing comes out, and an annotation says so.</returns>
    public bool TryApply(Element left, Element right, out Element result, out bool keeps)
    {
        keeps = true;
        result = left;
        switch (left.Histogram, right.Histogram)
        {
            case (null, null):
                return TryFloats(left.Float, right.Float, ref result, ref keeps);
            case (null, { } histogram) when @operator == BinaryOperator.Multiply:
                result = new Element(0, HistogramArithmetic.Multiply(histogram, left.Float));
                return true;
            case ({ } histogram, null):
                return TryScale(histogram, right.Float, ref result);
            case ({ } one, { } other):
                return TryHistograms(one, other, ref result, ref keeps);
            default:
                return Incompatible("float", "histogram");
        }
    }

    private bool TryFloats(double left, double right, ref Element result, ref bool keeps)
    {
        if (@operator is BinaryOperator.TrimLower or BinaryOperator.TrimUpper)
        {
            return Incompatible("float", "float");
        }
        if (@operator.IsComparison())
        {
            keeps = ScalarOperator.Compare(@operator, left, right);
        }
        else
        {
            result = new Element(ScalarOperator.Compute(@operator, left, right), null);
        }
        return true;
    }

    private bool TryScale(Histogram histogram, double by, ref Element result)
    {
        Histogram? scaled = @operator switch
        {
            BinaryOperator.Multiply => HistogramArithmetic.Multiply(histogram, by),
            BinaryOperator.Divide => HistogramArithmetic.Divide(histogram, by),
            BinaryOperator.TrimUpper => HistogramTrim.Below(histogram, by),
            BinaryOperator.TrimLower => HistogramTrim.Above(histogram, by),
            _ => null,
        };
        result = new Element(0, scaled);
        return scaled is not null || Incompatible("histogram", "float");
    }

    private bool TryHistograms(Histogram left, Histogram right, ref Element result, ref bool keeps)
    {
        switch (@operator)
        {
            case BinaryOperator.Add:
                result = new Element(0, HistogramArithmetic.Add(left, right, out var added));
                return IsSum(
                    added,
                    AnnotationTexts.ResetCollisionInAddition,
                    AnnotationTexts.MismatchedBucketsInAddition
                );
            case BinaryOperator.Subtract:
                result = new Element(0, HistogramArithmetic.Subtract(left, right, out var subtracted));
                return IsSum(
                    subtracted,
                    AnnotationTexts.ResetCollisionInSubtraction,
                    AnnotationTexts.MismatchedBucketsInSubtraction
                );
            case BinaryOperator.Equal:
                keeps = HistogramArithmetic.AreEqual(left, right);
                return true;
            case BinaryOperator.NotEqual:
                keeps = !HistogramArithmetic.AreEqual(left, right);
                return true;
            default:
                return Incompatible("histogram", "histogram");
        }
    }

    private bool IsSum(HistogramOutcome outcome, string collision, string mismatch)
    {
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            run.Annotations.Warn(AnnotationTexts.IncompatibleBucketLayout(@operator.Symbol()), position);
            return false;
        }
        if (outcome.HasFlag(HistogramOutcome.ResetCollision))
        {
            // Upstream has no result then, either.
            run.Annotations.Warn(collision, position);
            return false;
        }
        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            run.Annotations.Info(mismatch, position);
        }
        return true;
    }

    private bool Incompatible(string left, string right)
    {
        run.Annotations.Info(AnnotationTexts.IncompatibleTypes(left, @operator.Symbol(), right), position);
        return false;
    }
}
