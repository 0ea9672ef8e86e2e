using System.Diagnostics;

namespace Tributary.PromQL.Syntax;

/// <summary>How operators are written, and which kinds of them there are.</summary>
public static class Operators
{
    /// <summary>The operator as queries write it.</summary>
    public static string Symbol(this BinaryOperator @operator) =>
        @operator switch
        {
            BinaryOperator.Or => "or",
            BinaryOperator.And => "and",
            BinaryOperator.Unless => "unless",
            BinaryOperator.Equal => "==",
            BinaryOperator.NotEqual => "!=",
            BinaryOperator.Less => "<",
            BinaryOperator.LessOrEqual => "<=",
            BinaryOperator.Greater => ">",
            BinaryOperator.GreaterOrEqual => ">=",
            BinaryOperator.TrimUpper => "</",
            BinaryOperator.TrimLower => ">/",
            BinaryOperator.Add => "+",
            BinaryOperator.Subtract => "-",
            BinaryOperator.Multiply => "*",
            BinaryOperator.Divide => "/",
            BinaryOperator.Modulo => "%",
            BinaryOperator.Atan2 => "atan2",
            BinaryOperator.Power => "^",
            _ => throw new UnreachableException(),
        };

    /// <summary>Whether the operator is <c>and</c>, <c>or</c> or <c>unless</c>.</summary>
    public static bool IsSet(this BinaryOperator @operator) => @operator <= BinaryOperator.Unless;

    /// <summary>Whether the operator compares; trimming a histogram does not.</summary>
    public static bool IsComparison(this BinaryOperator @operator) =>
        @operator is >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual;

    /// <summary>The operator as queries write it.</summary>
    public static string Name(this AggregateOperator @operator) =>
        @operator switch
        {
            AggregateOperator.Sum => "sum",
            AggregateOperator.Average => "avg",
            AggregateOperator.Count => "count",
            AggregateOperator.Min => "min",
            AggregateOperator.Max => "max",
            AggregateOperator.Group => "group",
            AggregateOperator.StandardDeviation => "stddev",
            AggregateOperator.StandardVariance => "stdvar",
            AggregateOperator.TopK => "topk",
            AggregateOperator.BottomK => "bottomk",
            AggregateOperator.CountValues => "count_values",
            AggregateOperator.Quantile => "quantile",
            AggregateOperator.LimitK => "limitk",
            AggregateOperator.LimitRatio => "limit_ratio",
            _ => throw new UnreachableException(),
        };

    /// <summary>Whether the operator takes a parameter before the vector.</summary>
    public static bool HasParameter(this AggregateOperator @operator) => @operator >= AggregateOperator.TopK;

    /// <summary>Whether the operator needs <see cref="ParserOptions.ExperimentalFunctions"/>.</summary>
    public static bool IsExperimental(this AggregateOperator @operator) => @operator >= AggregateOperator.LimitK;

    /// <summary>The operator or function as queries write it.</summary>
    public static string Symbol(this DurationOperator @operator) =>
        @operator switch
        {
            DurationOperator.Add => "+",
            DurationOperator.Subtract => "-",
            DurationOperator.Multiply => "*",
            DurationOperator.Divide => "/",
            DurationOperator.Modulo => "%",
            DurationOperator.Power => "^",
            DurationOperator.MinOf => "min_of",
            DurationOperator.MaxOf => "max_of",
            _ => throw new UnreachableException(),
        };

    /// <summary>The operator as queries write it.</summary>
    public static string Symbol(this MatchOperator @operator) =>
        @operator switch
        {
            MatchOperator.Equal => "=",
            MatchOperator.NotEqual => "!=",
            MatchOperator.Regex => "=~",
            MatchOperator.NotRegex => "!~",
            _ => throw new UnreachableException(),
        };

    /// <summary>The name in the HTTP API and in errors: <c>one-to-one</c>, <c>many-to-one</c>, …</summary>
    public static string Name(this MatchCardinality cardinality) =>
        cardinality switch
        {
            MatchCardinality.OneToOne => "one-to-one",
            MatchCardinality.ManyToOne => "many-to-one",
            MatchCardinality.OneToMany => "one-to-many",
            MatchCardinality.ManyToMany => "many-to-many",
            _ => throw new UnreachableException(),
        };
}
