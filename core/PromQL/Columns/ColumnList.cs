using Tributary.Model;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>A vector in memory: every series has at least one value.</summary>
/// <param name="grid">The steps.</param>
/// <param name="series">The series.</param>
internal sealed class ColumnList(StepGrid grid, IReadOnlyList<SeriesColumn> series) : ColumnStream(grid)
{
    /// <summary>Columns are small in an instant query: more of them make a batch.</summary>
    private const int BatchValues = 16_384;

    /// <summary>The series.</summary>
    public IReadOnlyList<SeriesColumn> Series { get; } = series;

    /// <inheritdoc/>
    public override int Count => Series.Count;

    /// <summary>All series of a stream that have values, in memory and counted.</summary>
    public static ColumnList Of(ColumnStream stream, QueryRun run)
    {
        if (stream is ColumnList list)
        {
            return list;
        }
        var grid = stream.Grid;
        var columns = new StepColumn?[stream.Count];
        var batch = Math.Clamp(BatchValues / Math.Max(1, grid.Count), 8, 1024);
        run.ForBatches(
            columns.Length,
            batch,
            (workspace, from, to) =>
            {
                for (var i = from; i < to; i++)
                {
                    var column = stream.Stored(i);
                    var isOwn = column is null;
                    if (column is null)
                    {
                        column = workspace.RentColumn(grid.Count);
                        stream.Compute(i, column, workspace);
                    }
                    var (floats, histograms) = ColumnMath.CountValues(column);
                    if (floats + histograms == 0)
                    {
                        if (isOwn)
                        {
                            workspace.Return(column);
                        }
                        continue;
                    }
                    run.Budget.TakeColumn(grid.Count, floats, histograms, ColumnMath.HistogramBytes(column));
                    if (isOwn)
                    {
                        workspace.Keep(column);
                    }
                    columns[i] = column;
                }
            }
        );
        stream.Release(run.Budget);
        var series = new List<SeriesColumn>(columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is { } column)
            {
                series.Add(new SeriesColumn(stream.LabelsOf(i), column) { DropName = stream.DropsNameLater(i) });
            }
        }
        return new ColumnList(grid, series);
    }

    /// <summary>A vector of columns that were made just now, which are counted; those without values are left out.</summary>
    public static ColumnList Counted(StepGrid grid, IEnumerable<SeriesColumn> series, QueryRun run)
    {
        var kept = new List<SeriesColumn>();
        foreach (var one in series)
        {
            var (floats, histograms) = ColumnMath.CountValues(one.Column);
            if (floats + histograms > 0)
            {
                run.Budget.TakeColumn(grid.Count, floats, histograms, ColumnMath.HistogramBytes(one.Column));
                kept.Add(one);
            }
        }
        return new ColumnList(grid, kept);
    }

    /// <inheritdoc/>
    public override LabelSet RawLabelsOf(int series) => Series[series].Labels;

    /// <inheritdoc/>
    public override bool DropsNameLater(int series) => Series[series].DropName;

    /// <inheritdoc/>
    public override StepColumn Stored(int series) => Series[series].Column;

    /// <inheritdoc/>
    public override void Compute(int series, StepColumn result, Workspace workspace) =>
        ColumnMath.Copy(Series[series].Column, result);

    /// <inheritdoc/>
    public override void Release(QueryBudget budget)
    {
        foreach (var one in Series)
        {
            var (floats, histograms) = ColumnMath.CountValues(one.Column);
            budget.ReleaseColumn(Grid.Count, floats, histograms, ColumnMath.HistogramBytes(one.Column));
        }
    }
}
