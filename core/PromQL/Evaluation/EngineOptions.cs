using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary>What queries may use, and how they are read. The defaults are Prometheus'.</summary>
internal sealed record EngineOptions
{
    /// <summary>The most samples that a query holds in memory at once; <c>--query.max-samples</c>.</summary>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>The most memory of one query: chunks, columns and results, in bytes.</summary>
    public long MaxMemoryBytes { get; init; } = 1L << 30;

    /// <summary>The most memory of all queries together, in bytes.</summary>
    public long MaxTotalMemoryBytes { get; init; } = 1L << 32;

    /// <summary>The most steps of a range query.</summary>
    public int MaxPoints { get; init; } = 11_000;

    /// <summary>How long a query may take, waiting included; <c>--query.timeout</c>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many queries run at once, the others wait; <c>--query.max-concurrency</c>.</summary>
    public int MaxConcurrency { get; init; } = 20;

    /// <summary>How long the last sample of a series counts; <c>--query.lookback-delta</c>.</summary>
    public TimeSpan LookbackDelta { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The step of subqueries that name none: the global evaluation interval.</summary>
    public TimeSpan DefaultSubqueryStep { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many threads one query may use; 1 evaluates on the caller's. The answer does not depend on it.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Experimental features that are on.</summary>
    public QueryFeatures Features { get; init; }

    /// <summary>What the parser accepts.</summary>
    public ParserOptions Syntax =>
        new(
            Has(QueryFeatures.ExperimentalFunctions),
            Has(QueryFeatures.DurationExpressions),
            Has(QueryFeatures.ExtendedRangeSelectors),
            Has(QueryFeatures.FillModifiers)
        );

    /// <summary>Whether a feature is on.</summary>
    public bool Has(QueryFeatures feature) => (Features & feature) != 0;
}

/// <summary>Experimental features of the language, each behind its flag of <c>--enable-feature</c>.</summary>
[Flags]
internal enum QueryFeatures
{
    /// <summary>The stable language.</summary>
    None = 0,

    /// <summary><c>promql-experimental-functions</c></summary>
    ExperimentalFunctions = 1,

    /// <summary><c>promql-duration-expr</c></summary>
    DurationExpressions = 2,

    /// <summary><c>promql-extended-range-selectors</c>: <c>anchored</c> and <c>smoothed</c>.</summary>
    ExtendedRangeSelectors = 4,

    /// <summary><c>promql-binop-fill-modifiers</c>: <c>fill</c>, <c>fill_left</c>, <c>fill_right</c>.</summary>
    FillModifiers = 8,

    /// <summary><c>promql-delayed-name-removal</c></summary>
    DelayedNameRemoval = 16,

    /// <summary><c>type-and-unit-labels</c></summary>
    TypeAndUnitLabels = 32,

    /// <summary><c>use-start-timestamps</c>: functions of ranges regard when counting began.</summary>
    StartTimestamps = 64,

    /// <summary><c>promql-per-step-stats</c></summary>
    PerStepStatistics = 128,

    /// <summary>Everything.</summary>
    All = 255,
}
