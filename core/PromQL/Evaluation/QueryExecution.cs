using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>One query on its way: planned, its series read, computed, made into an answer.</summary>
internal sealed class QueryExecution(
    string query,
    Expression expression,
    PlanContext context,
    QueryOptions queryOptions,
    QuerySource source,
    QueryTimer timer,
    QueryShare share
)
{
    private const long LongSamples = 200_000;
    private const long LongText = 4_000_000;

    private readonly Planner planner = new(context);

    /// <summary>Evaluates it.</summary>
    public async Task<QueryResult> RunAsync(CancellationToken stop)
    {
        var options = context.Options;
        var counts = queryOptions.Statistics || queryOptions.PerStepStatistics;
        var perStep = queryOptions.PerStepStatistics && options.Has(QueryFeatures.PerStepStatistics);
        var run = new QueryRun
        {
            Annotations = new AnnotationSet(query),
            Budget = new QueryBudget(options.MaxSamples, options.MaxMemoryBytes, share.Memory),
            Stop = stop,
            Parallelism = options.Parallelism,
            Helpers = share.Helpers,
            DelaysNameRemoval = options.Has(QueryFeatures.DelayedNameRemoval),
            Counter = counts ? new SampleCounter(context.Grid, perStep) : null,
        };
        try
        {
            return await RunAsync(run, stop);
        }
        finally
        {
            run.Budget.ReleaseAll();
        }
    }

    private async Task<QueryResult> RunAsync(QueryRun run, CancellationToken stop)
    {
        var evaluate = Plan();
        var warnings = await planner.Selections.ReadAsync(source, run.Budget, stop);
        run.Check();
        timer.Prepared();
        var result = IsLong
            ? await Task.Factory.StartNew(
                () => evaluate(run),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            : evaluate(run);
        run.Check();
        timer.Evaluated();
        result = Limited(Sorted(result));
        return result with
        {
            Warnings = [.. warnings, .. result.Warnings, .. run.Annotations.Warnings()],
            Infos = run.Annotations.Infos(),
            Statistics = timer.Statistics() with
            {
                PeakSamples = run.Budget.PeakSamples,
                SamplesRead = planner.Selections.SamplesRead,
                TotalQueryableSamples = run.Counter?.Total ?? 0,
                TotalQueryableSamplesPerStep = run.Counter?.Steps,
            },
        };
    }

    /// <summary>
    /// Whether it may take longer than others should wait: then it has a thread of its own, and those that answer requests
    /// stay free. A new thread would make short queries slower.
    /// </summary>
    private bool IsLong =>
        planner.Selections.SamplesRead > LongSamples
        || planner.SubquerySteps > LongSamples
        || (long)query.Length * context.Grid.Count > LongText;

    private Func<QueryRun, QueryResult> Plan()
    {
        var inner = StepInvariance.Unwrapped(expression);
        switch (inner.Type)
        {
            case ExpressionType.String:
                return _ => Result([]) with { Text = ((StringLiteral)inner).Value };
            case ExpressionType.Scalar:
                var scalar = planner.Scalar(inner, context.Grid);
                return run => Result([new ResultSeries(LabelSet.Empty, scalar(run))]);
            case ExpressionType.Matrix when inner is MatrixSelector matrix:
                var selected = planner.Matrix(matrix, context.Grid);
                return run =>
                    Result(RawMatrix.Of(matrix, selected.Selection, selected.EndMs, selected.RangeMs, context, run));
            case ExpressionType.Matrix:
                var subquery = planner.Subquery((SubqueryExpression)inner, context.Grid);
                return run => Result(RawMatrix.Of(Named(ColumnList.Of(subquery.Vector(run), run), run)));
            default:
                var vector = planner.Vector(inner, context.Grid);
                return run => Result(Columns(Named(ColumnList.Of(vector(run), run), run)));
        }
    }

    /// <summary>The end of delayed name removal: names go, and what is equal then becomes one.</summary>
    private static ColumnList Named(ColumnList list, QueryRun run)
    {
        if (!run.DelaysNameRemoval)
        {
            return list;
        }
        var series = list.Series.Select(one =>
            one.DropName ? one with { Labels = Metadata.Drop(one.Labels), DropName = false } : one
        );
        return ColumnMerge.Merge(new ColumnList(list.Grid, [.. series]));
    }

    private static List<ResultSeries> Columns(ColumnList list)
    {
        var result = new List<ResultSeries>(list.Count);
        foreach (var series in list.Series)
        {
            var histograms = series.Column.Histograms;
            result.Add(
                new ResultSeries(
                    series.Labels,
                    series.Column.Values,
                    histograms is null ? default(ReadOnlyMemory<Histogram?>?) : histograms
                )
            );
        }
        return result;
    }

    private QueryResult Result(IReadOnlyList<ResultSeries> series) =>
        new()
        {
            // A range query has a matrix of whatever it is asked for.
            Type = context.IsInstant ? expression.Type : ExpressionType.Matrix,
            Grid = context.Grid,
            Series = series,
            Statistics = timer.Statistics(),
        };

    private static QueryResult Sorted(QueryResult result) =>
        result.Type == ExpressionType.Matrix
            ? result with
            {
                Series = [.. result.Series.OrderBy(series => series.Labels)],
            }
            : result;

    private QueryResult Limited(QueryResult result) =>
        queryOptions.Limit > 0
        && result.Series.Count > queryOptions.Limit
        && result.Type is ExpressionType.Matrix or ExpressionType.Vector
            ? result with
            {
                Series = [.. result.Series.Take(queryOptions.Limit)],
                Warnings = [.. result.Warnings, "results truncated due to limit"],
            }
            : result;
}
