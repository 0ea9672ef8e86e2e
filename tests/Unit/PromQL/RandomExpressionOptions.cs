using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL;

/// <summary>What random expressions are made of.</summary>
internal sealed record RandomExpressionOptions
{
    /// <summary>The metric names that selectors select.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = ["up", "http_requests_total", "job:errors:rate5m"];

    /// <summary>The labels in matchers, groupings and matchings.</summary>
    public IReadOnlyList<string> Labels { get; init; } = ["job", "instance", "le"];

    /// <summary>The values of labels in matchers; they are used in regular expressions too.</summary>
    public IReadOnlyList<string> Values { get; init; } = ["a", "b", "0.5"];

    /// <summary>The durations of ranges, offsets and steps in milliseconds, all positive.</summary>
    public IReadOnlyList<long> Durations { get; init; } = [15_000, 60_000, 90_000, 300_000, 3_600_000];

    /// <summary>The times of <c>@</c> in milliseconds.</summary>
    public IReadOnlyList<long> Times { get; init; } = [0, 1_000, 1_609_746_000_123];

    /// <summary>Which experimental parts of the language may occur.</summary>
    public ParserOptions Features { get; init; } = ParserOptions.All;

    /// <summary>Which functions may be called; those that are experimental only with their feature.</summary>
    public Func<FunctionSignature, bool> Functions { get; init; } = _ => true;

    /// <summary>Which aggregations may occur; those that are experimental only with their feature.</summary>
    public Func<AggregateOperator, bool> Aggregations { get; init; } = _ => true;

    /// <summary>
    /// Whether the result only has to be a query that parses: with metrics named as keywords, odd labels, numbers and texts.
    /// </summary>
    public bool IsOdd { get; init; }

    /// <summary>The most levels of an expression, parentheses not counted.</summary>
    public int MaxDepth { get; init; } = 4;
}
