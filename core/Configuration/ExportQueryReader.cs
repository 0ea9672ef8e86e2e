using Tributary.Configuration.Yaml;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>Reads the query of an export: what it selects, how far back, and whether it can be cut into pieces of time.</summary>
internal static class ExportQueryReader
{
    /// <summary>More moments than Prometheus allows a query that cannot be cut.</summary>
    private const int MaxWholePoints = 11_000;

    /// <summary>Moments of one run, at the most.</summary>
    private const long MaxPoints = 10_000_000;

    /// <summary>An export of the query; null, and an error, when it is none.</summary>
    public static ExportConfig? Read(Section section, string query, ExportConfig config, int maxChars)
    {
        var at = section.Field("query")!.At;
        if (query.Length > maxChars)
        {
            section.Refuse(at, $"query is longer than {maxChars} characters");
            return null;
        }
        Expression expression;
        try
        {
            // Whether an experimental part is on is not known here, and shows at the first run.
            expression = QueryParser.Parse(query, ParserOptions.All);
        }
        catch (ParseException problem)
        {
            section.Refuse(at, $"query: {problem.Message}");
            return null;
        }
        if (expression.Type is not (ExpressionType.Vector or ExpressionType.Scalar))
        {
            section.Refuse(at, "query must be an instant vector or a scalar; raw samples are exported by match");
            return null;
        }
        var found = new Found();
        Visit(expression, found, 0);
        var points = config.Range / config.Step;
        if (points > (found.IsWhole ? MaxWholePoints : MaxPoints))
        {
            section.Refuse(
                at,
                found.IsWhole
                    ? $"query has @ start() or @ end(), and can have {MaxWholePoints} moments at the most: choose a longer step"
                    : $"range and step make more than {MaxPoints} moments: choose a longer step"
            );
        }
        return config with
        {
            Query = query,
            Selectors = found.Selectors,
            LookBack = TimeSpan.FromSeconds(Math.Min(found.LookBackSeconds, TimeSpan.FromDays(366).TotalSeconds)),
            IsWhole = found.IsWhole,
        };
    }

    private static void Visit(Expression expression, Found found, double backSeconds)
    {
        switch (expression)
        {
            case SelectorExpression selector:
                found.Selectors.Add(selector.Selector);
                found.IsWhole |= selector.At.Kind is AtKind.Start or AtKind.End;
                found.LookBackSeconds = Math.Max(found.LookBackSeconds, backSeconds + Seconds(selector.Offset));
                break;
            case MatrixSelector matrix:
                Visit(matrix.Selector, found, backSeconds + Seconds(matrix.Range));
                break;
            case SubqueryExpression subquery:
                found.IsWhole |= subquery.At.Kind is AtKind.Start or AtKind.End;
                Visit(subquery.Expression, found, backSeconds + Seconds(subquery.Range) + Seconds(subquery.Offset));
                break;
            default:
                foreach (var child in expression.Children)
                {
                    Visit(child, found, backSeconds);
                }
                break;
        }
    }

    /// <summary>Computed durations are not known here.</summary>
    private static double Seconds(DurationExpression? duration) =>
        duration is DurationLiteral { Seconds: > 0 and var seconds } ? seconds : 0;

    private sealed class Found
    {
        public List<VectorSelector> Selectors { get; } = [];

        public bool IsWhole { get; set; }

        public double LookBackSeconds { get; set; }
    }
}
