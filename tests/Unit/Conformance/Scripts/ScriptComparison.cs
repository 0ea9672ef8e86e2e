using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Notation;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>Compares the answer to a query with what a script expects.</summary>
internal static class ScriptComparison
{
    private const double Epsilon = 1e-6;
    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>What is wrong with the answer; null when nothing is.</summary>
    /// <param name="eval">The expectation.</param>
    /// <param name="result">The answer.</param>
    /// <param name="step">Which step counts where an instant query is meant; −1 for all of a range query.</param>
    /// <param name="inOrder">Whether the order of a vector may be asked for.</param>
    public static string? Compare(ScriptEval eval, QueryResult result, int step, bool inOrder)
    {
        if (eval.Text is { } text)
        {
            return text == result.Text ? null : $"expected the string \"{text}\", got {Show(result)}";
        }
        if (eval.Scalar is { } scalar)
        {
            return CompareScalar(scalar, result, step);
        }
        if (step < 0 || eval.RangeVector is not null)
        {
            return CompareMatrix(eval, result);
        }
        return CompareVector(eval, result, step, inOrder);
    }

    /// <summary>Whether two floats are as good as equal by the rules of upstream's runner.</summary>
    public static bool AreClose(double one, double other)
    {
        if (StaleMarker.IsStale(one) || StaleMarker.IsStale(other))
        {
            return StaleMarker.IsStale(one) && StaleMarker.IsStale(other);
        }
        if (one.Equals(other) || one == other)
        {
            return true;
        }
        var (sum, difference) = (Math.Abs(one) + Math.Abs(other), Math.Abs(one - other));
        return one == 0 || other == 0 || sum < SmallestNormal
            ? difference < Epsilon * SmallestNormal
            : difference / Math.Min(sum, double.MaxValue) < Epsilon;
    }

    /// <summary>The answer, for people.</summary>
    public static string Show(QueryResult result) =>
        result.Text
        ?? $"{result.Type.Name()}:"
            + string.Concat(
                result.Series.Take(20).Select(series => $"\n      {series.Labels} {string.Join(' ', Items(series))}")
            );

    private static string? CompareScalar(double expected, QueryResult result, int step)
    {
        var isScalar = result.Type == ExpressionType.Scalar || (result.Series.Count == 1 && step >= 0);
        return
            isScalar && result.Series.Count == 1 && AreClose(expected, result.Series[0].Values.Span[Math.Max(step, 0)])
            ? null
            : $"expected the scalar {expected:R}, got {Show(result)}";
    }

    private static string? CompareVector(ScriptEval eval, QueryResult result, int step, bool inOrder)
    {
        if (result.Type is not (ExpressionType.Vector or ExpressionType.Matrix))
        {
            return $"expected a vector, got {Show(result)}";
        }
        var actual = result
            .Series.Select(series => (series.Labels, Item: ItemAt(series, step)))
            .Where(pair => !pair.Item.IsOmitted)
            .ToList();
        for (var i = 0; i < actual.Count; i++)
        {
            var position = eval.Series.ToList().FindLastIndex(series => series.Labels.Equals(actual[i].Labels));
            if (position < 0)
            {
                return $"unexpected series {actual[i].Labels} {Show(actual[i].Item)}";
            }
            if (inOrder && eval.IsOrdered && position != i)
            {
                return $"{actual[i].Labels} is at position {i + 1}, expected at {position + 1}";
            }
            if (Difference(eval.Series[position].Values[0], actual[i].Item) is { } problem)
            {
                return $"{actual[i].Labels}: {problem}";
            }
        }
        var missing = eval.Series.FirstOrDefault(series =>
            actual.TrueForAll(pair => !pair.Labels.Equals(series.Labels))
        );
        return missing is null ? null : $"expected series {missing.Labels} is not there; got {Show(result)}";
    }

    private static string? CompareMatrix(ScriptEval eval, QueryResult result)
    {
        if (result.Type is not ExpressionType.Matrix)
        {
            return $"expected a matrix, got {Show(result)}";
        }
        for (var i = 0; i < result.Series.Count; i++)
        {
            var actual = result.Series[i];
            if (i > 0 && result.Series[i - 1].Labels.CompareTo(actual.Labels) >= 0)
            {
                return $"series are not sorted by their labels: {actual.Labels} stands behind {result.Series[i - 1].Labels}";
            }
            var expected = eval.Series.LastOrDefault(series => series.Labels.Equals(actual.Labels));
            if (expected is null)
            {
                return $"unexpected series {actual.Labels} {string.Join(' ', Items(actual))}";
            }
            if (Difference(eval, expected, actual, result.Grid) is { } problem)
            {
                return $"{actual.Labels}: {problem}\n      expected {string.Join(' ', expected.Values.Select(Show))}\n      got      {string.Join(' ', Items(actual))}";
            }
        }
        var missing = eval.Series.FirstOrDefault(series =>
            result.Series.All(actual => !actual.Labels.Equals(series.Labels))
        );
        return missing is null ? null : $"expected series {missing.Labels} is not there; got {Show(result)}";
    }

    private static string? Difference(ScriptEval eval, SeriesNotation expected, ResultSeries actual, StepGrid grid)
    {
        var (start, step) = eval.RangeVector is { } vector
            ? (vector.StartMs, vector.StepMs)
            : (eval.StartMs, eval.StepMs);
        var points = new SortedDictionary<long, (NotedValue Expected, NotedValue Actual)>();
        for (var i = 0; i < expected.Values.Count; i++)
        {
            points[start + (i * step)] = (expected.Values[i], NotedValue.Omitted);
        }
        for (var i = 0; i < actual.Values.Length; i++)
        {
            var time = actual.Times is { } times ? times.Span[i] : grid.At(i);
            var item = ItemAt(actual, i);
            if (!item.IsOmitted || points.ContainsKey(time))
            {
                points[time] = (points.TryGetValue(time, out var pair) ? pair.Expected : NotedValue.Omitted, item);
            }
        }
        foreach (var (time, (wanted, got)) in points)
        {
            if (Difference(wanted, got) is { } problem)
            {
                return $"at {time / 1000.0:R} s: {problem}";
            }
        }
        return null;
    }

    private static NotedValue ItemAt(ResultSeries series, int index)
    {
        if (series.Histograms is { } histograms && histograms.Span[index] is { } histogram)
        {
            return NotedValue.Of(histogram, hasHint: false);
        }
        var value = series.Values.Span[index];
        return Absent.Is(value) ? NotedValue.Omitted : NotedValue.Of(value);
    }

    private static IEnumerable<string> Items(ResultSeries series) =>
        Enumerable.Range(0, series.Values.Length).Select(i => Show(ItemAt(series, i)));

    private static string? Difference(in NotedValue expected, in NotedValue actual)
    {
        var isSame =
            expected.IsOmitted || actual.IsOmitted ? expected.IsOmitted == actual.IsOmitted
            : expected.Histogram is null || actual.Histogram is null
                ? expected.Histogram is null && actual.Histogram is null && AreClose(expected.Value, actual.Value)
            : AreClose(expected.Histogram, actual.Histogram)
                && (!expected.HasHint || expected.Histogram.Hint == actual.Histogram.Hint);
        return isSame ? null : $"expected {Show(expected)}, got {Show(actual)}";
    }

    private static bool AreClose(Histogram expected, Histogram actual)
    {
        var (one, other) = (expected.ToFloat().Compact(), actual.ToFloat().Compact());
        if (
            !one.Layout.HasSameBounds(other.Layout)
            || !AreClose(one.Count, other.Count)
            || !AreClose(one.Sum, other.Sum)
            || !AreClose(one.ZeroCount, other.ZeroCount)
            || !one.Layout.PositiveIndexes.SequenceEqual(other.Layout.PositiveIndexes)
            || !one.Layout.NegativeIndexes.SequenceEqual(other.Layout.NegativeIndexes)
        )
        {
            return false;
        }
        for (var i = 0; i < one.Layout.BucketCount; i++)
        {
            if (!AreClose(one.BucketAt(i), other.BucketAt(i)))
            {
                return false;
            }
        }
        return true;
    }

    private static string Show(NotedValue item) =>
        item.IsOmitted ? "_"
        : item.Histogram is { } histogram ? Show(histogram)
        : AnnotationTexts.Number(item.Value);

    private static string Show(Histogram value)
    {
        var layout = value.Layout;
        var positive = layout.PositiveIndexes.ToArray().Select((index, i) => $"{index}:{value.BucketAt(i)}");
        var negative = layout
            .NegativeIndexes.ToArray()
            .Select((index, i) => $"{index}:{value.BucketAt(layout.PositiveCount + i)}");
        var custom = layout.IsCustom ? $" custom [{string.Join(' ', layout.CustomValues.ToArray())}]" : "";
        return $"{{schema {layout.Schema}{custom} count {value.Count} sum {value.Sum} zero {value.ZeroCount} within {layout.ZeroThreshold} buckets [{string.Join(' ', positive)}] negative [{string.Join(' ', negative)}] hint {value.Hint}}}";
    }
}
