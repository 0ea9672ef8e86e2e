using System.Diagnostics;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary><c>and</c>, <c>or</c>, <c>unless</c>: which values stay depends on who else has some, not on values.</summary>
internal static class SetOperation
{
    /// <summary>Evaluates the operator.</summary>
    public static ColumnList Evaluate(BinaryExpression expression, ColumnList left, ColumnList right, QueryRun run)
    {
        var projection = Matches.ProjectionOf(expression.Matching!);
        var signatures = new LabelSetTable();
        var leftOf = Matches.SignaturesOf(left, projection, signatures);
        var rightOf = Matches.SignaturesOf(right, projection, signatures);
        switch (expression.Operator)
        {
            case BinaryOperator.And:
                Mask(left, leftOf, PresenceOf(right, rightOf, signatures.Count, run), false, run);
                right.Release(run.Budget);
                return Recounted(left, left.Series, run);
            case BinaryOperator.Unless:
                Mask(left, leftOf, PresenceOf(right, rightOf, signatures.Count, run), true, run);
                right.Release(run.Budget);
                return Recounted(left, left.Series, run);
            case BinaryOperator.Or:
                Mask(right, rightOf, PresenceOf(left, leftOf, signatures.Count, run), true, run);
                right.Release(run.Budget);
                return ColumnMerge.Merge(Recounted(left, [.. left.Series, .. right.Series], run));
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>By signature, at which steps some series has a value; null for signatures without series.</summary>
    private static bool[]?[] PresenceOf(ColumnList list, int[] signatureOf, int signatures, QueryRun run)
    {
        var present = new bool[]?[signatures];
        for (var i = 0; i < list.Count; i++)
        {
            if (present[signatureOf[i]] is null)
            {
                run.Budget.TakeBytes(list.Grid.Count);
            }
            ColumnMath.MarkPresent(list.Series[i].Column, present[signatureOf[i]] ??= new bool[list.Grid.Count]);
        }
        run.Budget.ReleaseBytes((long)present.Count(one => one is not null) * list.Grid.Count);
        return present;
    }

    /// <summary>Takes values away.</summary>
    /// <param name="list">From these series.</param>
    /// <param name="signatureOf">Theirs.</param>
    /// <param name="present">The other side's presence, by signature.</param>
    /// <param name="kind">Whether steps go at which the other side has a value, or those at which it has none.</param>
    /// <param name="run">The query.</param>
    private static void Mask(ColumnList list, int[] signatureOf, bool[]?[] present, bool kind, QueryRun run)
    {
        run.Check();
        for (var i = 0; i < list.Count; i++)
        {
            var column = list.Series[i].Column;
            if (present[signatureOf[i]] is { } marks)
            {
                ColumnMath.RemoveWhere(column, marks, kind);
            }
            else if (!kind)
            {
                column.Clear();
            }
        }
    }

    private static ColumnList Recounted(ColumnList before, IEnumerable<SeriesColumn> series, QueryRun run)
    {
        before.Release(run.Budget);
        return ColumnList.Counted(before.Grid, series, run);
    }
}
