using System.Diagnostics;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Matching;

/// <summary>Operators between two floats.</summary>
internal static class ScalarOperator
{
    /// <summary>The result between two scalars; comparisons yield 0 or 1.</summary>
    public static double Compute(BinaryOperator @operator, double left, double right) =>
        @operator switch
        {
            BinaryOperator.Add => left + right,
            BinaryOperator.Subtract => left - right,
            BinaryOperator.Multiply => left * right,
            BinaryOperator.Divide => left / right,
            BinaryOperator.Modulo => left % right,
            BinaryOperator.Power => Math.Pow(left, right),
            BinaryOperator.Atan2 => Math.Atan2(left, right),
            _ => Compare(@operator, left, right) ? 1 : 0,
        };

    /// <summary>Whether a comparison holds.</summary>
    public static bool Compare(BinaryOperator @operator, double left, double right) =>
        @operator switch
        {
            BinaryOperator.Equal => left == right,
            BinaryOperator.NotEqual => left != right,
            BinaryOperator.Less => left < right,
            BinaryOperator.LessOrEqual => left <= right,
            BinaryOperator.Greater => left > right,
            BinaryOperator.GreaterOrEqual => left >= right,
            _ => throw new UnreachableException(),
        };
}
