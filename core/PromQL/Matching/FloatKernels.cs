using System.Diagnostics;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary>What a comparison yields where it holds.</summary>
internal enum ComparisonYield
{
    /// <summary>The left value; nothing where it does not hold.</summary>
    Left,

    /// <summary>The right value; nothing where it does not hold.</summary>
    Right,

    /// <summary>1, and 0 where it does not hold.</summary>
    Bool,
}

/// <summary>Operators over whole columns of floats. Nothing comes out where either side has nothing.</summary>
internal static class FloatKernels
{
    private interface IArithmetic
    {
        static abstract double Apply(double left, double right);
    }

    private interface IComparison
    {
        static abstract bool Holds(double left, double right);
    }

    /// <summary>Evaluates an operator.</summary>
    /// <param name="operator">No set operator, no trimming.</param>
    /// <param name="left">The left values.</param>
    /// <param name="right">The right values, as many.</param>
    /// <param name="result">As many; may be one of the sides.</param>
    /// <param name="yield">What comparisons yield.</param>
    public static void Apply(
        BinaryOperator @operator,
        ReadOnlySpan<double> left,
        ReadOnlySpan<double> right,
        Span<double> result,
        ComparisonYield yield
    )
    {
        switch (@operator)
        {
            case BinaryOperator.Add:
                Arithmetic<Sum>(left, right, result);
                break;
            case BinaryOperator.Subtract:
                Arithmetic<Difference>(left, right, result);
                break;
            case BinaryOperator.Multiply:
                Arithmetic<Product>(left, right, result);
                break;
            case BinaryOperator.Divide:
                Arithmetic<Quotient>(left, right, result);
                break;
            case BinaryOperator.Modulo:
                Arithmetic<Remainder>(left, right, result);
                break;
            case BinaryOperator.Power:
                Arithmetic<Power>(left, right, result);
                break;
            case BinaryOperator.Atan2:
                Arithmetic<Angle>(left, right, result);
                break;
            default:
                Compare(@operator, left, right, result, yield);
                break;
        }
    }

    private static void Compare(
        BinaryOperator @operator,
        ReadOnlySpan<double> left,
        ReadOnlySpan<double> right,
        Span<double> result,
        ComparisonYield yield
    )
    {
        switch (@operator)
        {
            case BinaryOperator.Equal:
                Comparison<Equal>(left, right, result, yield);
                break;
            case BinaryOperator.NotEqual:
                Comparison<NotEqual>(left, right, result, yield);
                break;
            case BinaryOperator.Less:
                Comparison<Less>(left, right, result, yield);
                break;
            case BinaryOperator.LessOrEqual:
                Comparison<LessOrEqual>(left, right, result, yield);
                break;
            case BinaryOperator.Greater:
                Comparison<Greater>(left, right, result, yield);
                break;
            case BinaryOperator.GreaterOrEqual:
                Comparison<GreaterOrEqual>(left, right, result, yield);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void Arithmetic<T>(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result)
        where T : struct, IArithmetic
    {
        for (var i = 0; i < result.Length; i++)
        {
            var (one, other) = (left[i], right[i]);
            result[i] = Absent.Is(one) || Absent.Is(other) ? Absent.Value : T.Apply(one, other);
        }
    }

    private static void Comparison<T>(
        ReadOnlySpan<double> left,
        ReadOnlySpan<double> right,
        Span<double> result,
        ComparisonYield yield
    )
        where T : struct, IComparison
    {
        for (var i = 0; i < result.Length; i++)
        {
            var (one, other) = (left[i], right[i]);
            if (Absent.Is(one) || Absent.Is(other))
            {
                result[i] = Absent.Value;
                continue;
            }
            var holds = T.Holds(one, other);
            result[i] = yield switch
            {
                ComparisonYield.Bool => holds ? 1 : 0,
                ComparisonYield.Left => holds ? one : Absent.Value,
                _ => holds ? other : Absent.Value,
            };
        }
    }

    private readonly struct Sum : IArithmetic
    {
        public static double Apply(double left, double right) => left + right;
    }

    private readonly struct Difference : IArithmetic
    {
        public static double Apply(double left, double right) => left - right;
    }

    private readonly struct Product : IArithmetic
    {
        public static double Apply(double left, double right) => left * right;
    }

    private readonly struct Quotient : IArithmetic
    {
        public static double Apply(double left, double right) => left / right;
    }

    private readonly struct Remainder : IArithmetic
    {
        public static double Apply(double left, double right) => left % right;
    }

    private readonly struct Power : IArithmetic
    {
        public static double Apply(double left, double right) => Math.Pow(left, right);
    }

    private readonly struct Angle : IArithmetic
    {
        public static double Apply(double left, double right) => Math.Atan2(left, right);
    }

    private readonly struct Equal : IComparison
    {
        public static bool Holds(double left, double right) => left == right;
    }

    private readonly struct NotEqual : IComparison
    {
        public static bool Holds(double left, double right) => left != right;
    }

    private readonly struct Less : IComparison
    {
        public static bool Holds(double left, double right) => left < right;
    }

    private readonly struct LessOrEqual : IComparison
    {
        public static bool Holds(double left, double right) => left <= right;
    }

    private readonly struct Greater : IComparison
    {
        public static bool Holds(double left, double right) => left > right;
    }

    private readonly struct GreaterOrEqual : IComparison
    {
        public static bool Holds(double left, double right) => left >= right;
    }
}
