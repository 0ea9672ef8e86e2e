using Tributary.Configuration;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;
using SampleBuffer = Tributary.Storage.Selection.SampleBuffer;

namespace Tributary.Exports;

/// <summary>Evaluates a query over the range of a run, one piece of its moments after the other.</summary>
/// <param name="engine">Evaluates.</param>
internal sealed class QuerySamples(QueryEngine engine)
{
    /// <summary>Moments that are evaluated together; fewer where that is too much.</summary>
    private const int PiecePoints = 720;

    /// <summary>Adds the values of all moments.</summary>
    /// <param name="config">The query.</param>
    /// <param name="grid">The moments.</param>
    /// <param name="spill">Gets the values.</param>
    /// <param name="warnings">Gets what the query warns of.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ExportException">There is no answer.</exception>
    public async Task CollectAsync(
        ExportConfig config,
        StepGrid grid,
        SampleSpill spill,
        ISet<string> warnings,
        Action<ExportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var step = 0;
        var most = config.IsWhole ? grid.Count : PiecePoints;
        for (var first = 0; first < grid.Count; step++)
        {
            progress?.Invoke(new ExportProgress(ExportPhase.Reading, first, grid.Count, spill.Samples));
            var count = Math.Min(most, grid.Count - first);
            try
            {
                var result = await EvaluateAsync(config, grid, first, count, cancellationToken);
                warnings.UnionWith(result.Warnings);
                Add(result, grid, first, step, spill);
                first += count;
            }
            catch (QueryException problem)
                when (problem.Kind is QueryFailure.Execution or QueryFailure.Timeout && !config.IsWhole && count > 1)
            {
                // It may be too much at once; else fewer moments fail just so, and the last try says why.
                most = (count + 1) / 2;
            }
            catch (ParseException problem)
            {
                // Experimental parts are off unless the server says otherwise.
                throw new ExportException($"the query cannot be evaluated here: {problem.Message}", problem);
            }
            catch (QueryException problem)
            {
                throw new ExportException($"the query has no answer: {problem.Message}", problem);
            }
        }
    }

    private Task<QueryResult> EvaluateAsync(
        ExportConfig config,
        StepGrid grid,
        int first,
        int count,
        CancellationToken cancellationToken
    ) =>
        config.Range == TimeSpan.Zero
            ? engine.InstantAsync(config.Query, grid.StartMs, QueryOptions.Default, cancellationToken)
            : engine.RangeAsync(
                config.Query,
                grid.At(first),
                grid.At(first + count - 1),
                grid.StepMs,
                QueryOptions.Default,
                cancellationToken
            );

    private static void Add(QueryResult result, StepGrid grid, int first, int step, SampleSpill spill)
    {
        var buffer = new SampleBuffer();
        foreach (var series in result.Series)
        {
            buffer.Clear();
            var values = series.Values.Span;
            var histograms = series.Histograms is { } some ? some.Span : [];
            for (var i = 0; i < values.Length; i++)
            {
                if (!histograms.IsEmpty && histograms[i] is { } histogram)
                {
                    buffer.Add(grid.At(first + i), histogram);
                }
                else if (!Absent.Is(values[i]))
                {
                    buffer.Add(grid.At(first + i), values[i]);
                }
            }
            spill.Add(series.Labels, step, buffer);
        }
    }
}
