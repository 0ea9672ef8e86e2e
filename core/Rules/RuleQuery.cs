using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.Rules;

/// <summary>Queries of rules: an instant vector, or a scalar as a series without labels.</summary>
internal static class RuleQuery
{
    /// <summary>Asks.</summary>
    /// <param name="queries">Who answers.</param>
    /// <param name="text">The query.</param>
    /// <param name="timeMs">The moment, milliseconds since the epoch.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <param name="lookback">How long the last sample of a series counts, if not as long as for others.</param>
    /// <exception cref="RuleException">There is no answer.</exception>
    public static async Task<IReadOnlyList<RuleSample>> AskAsync(
        QueryEngine queries,
        string text,
        long timeMs,
        CancellationToken cancellationToken,
        TimeSpan? lookback = null
    )
    {
        var options = QueryOptions.Default with { LookbackDelta = lookback };
        QueryResult result;
        try
        {
            result = await queries.InstantAsync(text, timeMs, options, cancellationToken);
        }
        catch (QueryException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RuleException(exception.Message, exception);
        }
        catch (QueryException exception)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (ParseException exception)
        {
            throw new RuleException(exception.Message, exception);
        }
        return result.Type is ExpressionType.Vector or ExpressionType.Scalar
            ? [.. result.Series.Select(SampleOf)]
            : throw new RuleException("rule result is not a vector or scalar");
    }

    private static RuleSample SampleOf(ResultSeries series) =>
        series.Histograms is { } histograms && histograms.Span[0] is { } histogram
            ? new RuleSample(series.Labels, StaleMarker.NormalNaN, histogram)
            : new RuleSample(series.Labels, series.Values.Span[0]);
}
