using System.Text;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL;

/// <summary>The leaves of <see cref="RandomExpressions"/>: selectors, ranges, durations, labels and texts.</summary>
internal sealed class RandomSelectors(Random random, RandomExpressionOptions options)
{
    private static readonly string[] OddMetrics =
    [
        "by",
        "sum",
        "offset",
        "start",
        "STEP",
        "and",
        "unless",
        "fill",
        "fill_left",
        "without",
        "anchored",
        "rate",
        "min_of",
        ":a",
    ];

    private static readonly string[] OddLabels =
    [
        "on",
        "bool",
        "without",
        "nan",
        "group_left",
        "a:b",
        "a b",
        "é",
        "\"",
        "sum",
        "by",
        "atan2",
        "Inf",
    ];

    /// <summary>An instant vector.</summary>
    public SelectorExpression Selector()
    {
        var extension = options.Features.ExtendedRangeSelectors && options.IsOdd ? Extension() : RangeExtension.None;
        return Plain() with { Offset = Offset(), At = At(), Extension = extension };
    }

    /// <summary>The labels of <c>info</c>'s second argument.</summary>
    public SelectorExpression Labels() =>
        new(null, new VectorSelector(Matchers(random.Next(3))), null, default, RangeExtension.None, default);

    /// <summary>A range of a selector.</summary>
    public MatrixSelector Matrix()
    {
        var extension = options.Features.ExtendedRangeSelectors && options.IsOdd ? Extension() : RangeExtension.None;
        var selector = Plain() with { Offset = Offset(), At = At(), Extension = extension };
        return new MatrixSelector(selector, Positive(), default);
    }

    /// <summary>A range of an instant vector that needs no parentheses there.</summary>
    public SubqueryExpression Subquery(Expression inner) =>
        new(inner, Positive(), random.Next(3) == 0 ? null : Positive(), Offset(), At(), default);

    /// <summary>One of the durations.</summary>
    public long Milliseconds() => Pick(options.Durations);

    /// <summary>A label that may be grouped by.</summary>
    public string LabelName() => options.IsOdd && random.Next(3) == 0 ? Pick(OddLabels) : Pick(options.Labels);

    /// <summary>Some labels, each once.</summary>
    public IReadOnlyList<string> LabelNames() =>
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => LabelName()).Distinct(StringComparer.Ordinal)];

    /// <summary>A regular expression over a label's values.</summary>
    public string Pattern() =>
        random.Next(4) switch
        {
            0 => ".*",
            1 => $"({Pick(options.Values)}.*)",
            2 => $"{Pick(options.Values)}|{Pick(options.Values)}",
            _ => Pick(options.Values),
        };

    /// <summary>Any text.</summary>
    public string Text()
    {
        if (!options.IsOdd)
        {
            return Pick(options.Values);
        }
        Rune[] runes =
        [
            new('a'),
            new('"'),
            new('\''),
            new('\\'),
            new('\n'),
            new(0),
            new('`'),
            new(0x2028),
            new(0x1F600),
        ];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pick(runes).ToString()));
    }

    private SelectorExpression Plain()
    {
        var isNamed = random.Next(8) > 0;
        var name = options.IsOdd && random.Next(3) == 0 ? Pick(OddMetrics) : Pick(options.Metrics);
        var nameMatcher = new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Equal, name);
        var matchers = Matchers(random.Next(3)).ToList();
        if (isNamed)
        {
            matchers.Insert(0, nameMatcher);
        }
        else
        {
            matchers = Sorted(matchers.Append(nameMatcher));
        }
        var selector = new VectorSelector(matchers);
        return new SelectorExpression(isNamed ? name : null, selector, null, default, RangeExtension.None, default);
    }

    private List<LabelMatcher> Matchers(int count) => Sorted(Enumerable.Range(0, count).Select(_ => Matcher()));

    private static List<LabelMatcher> Sorted(IEnumerable<LabelMatcher> matchers) =>
        [.. matchers.OrderBy(matcher => matcher.ToString(), StringComparer.Ordinal)];

    private LabelMatcher Matcher()
    {
        var @operator = (MatchOperator)random.Next(4);
        var isPattern = @operator is MatchOperator.Regex or MatchOperator.NotRegex;
        return new LabelMatcher(LabelName(), @operator, isPattern ? Pattern() : Text());
    }

    private AtModifier At() =>
        random.Next(12) switch
        {
            0 => new AtModifier(AtKind.Start),
            1 => new AtModifier(AtKind.End),
            2 => new AtModifier(AtKind.Timestamp, Pick(options.Times)),
            _ => default,
        };

    private RangeExtension Extension() => random.Next(3) == 0 ? (RangeExtension)random.Next(3) : RangeExtension.None;

    private DurationExpression? Offset()
    {
        if (random.Next(4) > 0)
        {
            return null;
        }
        if (options.Features.DurationExpressions && random.Next(3) == 0)
        {
            // Parentheses without a sign would take in what stands behind them.
            DurationExpression expression = random.Next(3) switch
            {
                0 => new DurationOfQuery((QueryDuration)random.Next(2), default),
                1 => new DurationBinary(DurationOperator.MaxOf, Duration(2, 0), Duration(2, 0), default),
                _ => new DurationNegation(new DurationParentheses(Duration(3, 0), default), default),
            };
            return expression;
        }
        return Literal(random.Next(3) == 0 ? -1 : 1);
    }

    private DurationExpression Positive()
    {
        if (!options.Features.DurationExpressions || random.Next(4) > 0)
        {
            return Literal(1);
        }
        // Sums of positive durations are positive whatever the step is.
        return options.IsOdd
            ? NotNegative(Duration(3, 0))
            : new DurationBinary(
                DurationOperator.Add,
                Literal(1),
                new DurationOfQuery(QueryDuration.Step, default),
                default
            );
    }

    private DurationExpression NotNegative(DurationExpression duration) =>
        duration is DurationLiteral { Seconds: <= 0 } ? Literal(1) : duration;

    private DurationLiteral Literal(int sign) => new(sign * Pick(options.Durations) / 1000.0, true, default);

    /// <summary>An expression whose text binds at least as tight as asked for: 1 sums, 2 products, 3 powers.</summary>
    private DurationExpression Duration(int depth, int minPrecedence)
    {
        switch (depth <= 1 ? 0 : random.Next(6))
        {
            case 0 or 1:
                var sign = minPrecedence < 3 && random.Next(4) == 0 ? -1 : 1;
                return random.Next(3) == 0
                    ? new DurationLiteral(sign * random.Next(1, 9), false, default)
                    : Literal(sign);
            case 2:
                return new DurationOfQuery((QueryDuration)random.Next(2), default);
            case 3:
                var minMax = random.Next(2) == 0 ? DurationOperator.MinOf : DurationOperator.MaxOf;
                return new DurationBinary(minMax, Duration(depth - 1, 0), Duration(depth - 1, 0), default);
            case 4 when minPrecedence <= 2:
                var inner = Duration(depth - 1, 3);
                return new DurationNegation(
                    inner is DurationLiteral ? new DurationParentheses(inner, default) : inner,
                    default
                );
            default:
                return Binary(depth, minPrecedence);
        }
    }

    private DurationExpression Binary(int depth, int minPrecedence)
    {
        var @operator = (DurationOperator)random.Next((int)DurationOperator.MinOf);
        var precedence =
            @operator == DurationOperator.Power ? 3
            : @operator <= DurationOperator.Subtract ? 1
            : 2;
        var isPower = @operator == DurationOperator.Power;
        var left = Duration(depth - 1, isPower ? 4 : precedence);
        var right = Duration(depth - 1, isPower ? precedence : precedence + 1);
        var binary = new DurationBinary(@operator, left, right, default);
        return precedence < minPrecedence ? new DurationParentheses(binary, default) : binary;
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
