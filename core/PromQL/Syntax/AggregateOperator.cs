namespace Tributary.PromQL.Syntax;

/// <summary>How an aggregation joins the series of a group.</summary>
public enum AggregateOperator
{
    /// <summary><c>sum</c></summary>
    Sum,

    /// <summary><c>avg</c></summary>
    Average,

    /// <summary><c>count</c></summary>
    Count,

    /// <summary><c>min</c></summary>
    Min,

    /// <summary><c>max</c></summary>
    Max,

    /// <summary><c>group</c></summary>
    Group,

    /// <summary><c>stddev</c></summary>
    StandardDeviation,

    /// <summary><c>stdvar</c></summary>
    StandardVariance,

    /// <summary><c>topk</c>, with a scalar as parameter.</summary>
    TopK,

    /// <summary><c>bottomk</c>, with a scalar as parameter.</summary>
    BottomK,

    /// <summary><c>count_values</c>, with the name of a label as parameter.</summary>
    CountValues,

    /// <summary><c>quantile</c>, with a scalar as parameter.</summary>
    Quantile,

    /// <summary><c>limitk</c>, with a scalar as parameter; experimental.</summary>
    LimitK,

    /// <summary><c>limit_ratio</c>, with a scalar as parameter; experimental.</summary>
    LimitRatio,
}
