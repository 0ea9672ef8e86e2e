using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary>An operator between whole columns.</summary>
internal sealed class ColumnOperator
{
    private readonly BinaryOperator @operator;
    private readonly bool returnBool;
    private readonly bool isTrimming;
    private readonly ElementOperator elements;

    /// <summary>The operator of an expression.</summary>
    public ColumnOperator(BinaryExpression expression, QueryRun run)
    {
        (@operator, returnBool) = (expression.Operator, expression.ReturnBool);
        isTrimming = @operator is BinaryOperator.TrimLower or BinaryOperator.TrimUpper;
        elements = new ElementOperator(@operator, expression.Position.Start, run);
    }

    /// <summary>Whether the metric is another one afterwards, so that its name goes.</summary>
    public static bool ChangesMetric(BinaryOperator @operator) => @operator >= BinaryOperator.Add;

    /// <summary>Evaluates between two vectors' series.</summary>
    /// <param name="left">The left values.</param>
    /// <param name="right">The right values.</param>
    /// <param name="result">All steps are written; may be one of the sides.</param>
    public void Apply(StepColumn left, StepColumn right, StepColumn result)
    {
        if (left.Histograms is null && right.Histograms is null && result.Histograms is null && !isTrimming)
        {
            FloatKernels.Apply(
                @operator,
                left.Values,
                right.Values,
                result.Values,
                returnBool ? ComparisonYield.Bool : ComparisonYield.Left
            );
            return;
        }
        for (var step = 0; step < result.Count; step++)
        {
            var (one, other) = (Element.At(left, step), Element.At(right, step));
            if (one.IsPresent && other.IsPresent && TryApply(one, other, out var value, out _))
            {
                Set(result, step, value);
            }
            else
            {
                result.Remove(step);
            }
        }
    }

    /// <summary>Evaluates between a vector's series and a scalar; in place.</summary>
    /// <param name="vector">The series.</param>
    /// <param name="scalar">One value per step.</param>
    /// <param name="scalarIsLeft">On which side the scalar stands.</param>
    public void ApplyScalar(StepColumn vector, double[] scalar, bool scalarIsLeft)
    {
        if (vector.Histograms is null && !isTrimming)
        {
            var kept = scalarIsLeft ? ComparisonYield.Right : ComparisonYield.Left;
            FloatKernels.Apply(
                @operator,
                scalarIsLeft ? scalar : vector.Values,
                scalarIsLeft ? vector.Values : scalar,
                vector.Values,
                returnBool ? ComparisonYield.Bool : kept
            );
            return;
        }
        for (var step = 0; step < vector.Count; step++)
        {
            var own = Element.At(vector, step);
            var other = new Element(scalar[step], null);
            if (!own.IsPresent)
            {
                continue;
            }
            if (!TryApply(scalarIsLeft ? other : own, scalarIsLeft ? own : other, out var value, out var isComparison))
            {
                vector.Remove(step);
            }
            else
            {
                Set(vector, step, isComparison && !returnBool ? own : value);
            }
        }
    }

    /// <summary>Evaluates between two values.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value.</param>
    /// <param name="result">What comes out.</param>
    /// <param name="isComparison">Whether it is one of the two sides, or 0 or 1.</param>
    /// <returns>Whether something comes out.</returns>
    public bool TryApply(Element left, Element right, out Element result, out bool isComparison) =>
        Evaluate(left, right, out result, out isComparison) == Outcome.Value;

    /// <summary>Evaluates between two values and tells why nothing comes out.</summary>
    /// <inheritdoc cref="TryApply"/>
    public Outcome Evaluate(Element left, Element right, out Element result, out bool isComparison)
    {
        isComparison = @operator.IsComparison();
        if (!elements.TryApply(left, right, out result, out var keeps))
        {
            return Outcome.Failed;
        }
        if (returnBool)
        {
            result = new Element(keeps ? 1 : 0, null);
            return Outcome.Value;
        }
        return keeps ? Outcome.Value : Outcome.Dropped;
    }

    /// <summary>Writes a value to a column.</summary>
    public static void Set(StepColumn column, int step, Element value)
    {
        if (value.Histogram is { } histogram)
        {
            column.Set(step, histogram);
        }
        else
        {
            column.Set(step, value.Float);
        }
    }

    /// <summary>How an operation between two values ended.</summary>
    internal enum Outcome
    {
        /// <summary>With a value.</summary>
        Value,

        /// <summary>A comparison does not hold.</summary>
        Dropped,

        /// <summary>The types do not go together.</summary>
        Failed,
    }
}
