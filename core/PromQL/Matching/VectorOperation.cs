using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Matching;

/// <summary>Arithmetic and comparisons between two vectors. Who meets whom is planned once, values are computed by step.</summary>
/// <remarks>
/// One side is "one": at each step it has at most one series per signature. The other is "many", except in one-to-one
/// matches, where that holds for both. <c>group_right</c> has the sides swapped.
/// </remarks>
internal sealed class VectorOperation
{
    /// <summary>What is kept of each pair that meets, with its dictionaries.</summary>
    private const long PairBytes = 96;

    /// <summary>What a set of labels takes without its labels, and what each of them takes without its text.</summary>
    private const long SetBytes = 96;
    private const long LabelBytes = 16;

    private readonly BinaryExpression expression;
    private readonly VectorMatching matching;
    private readonly ColumnOperator @operator;
    private readonly QueryRun run;
    private readonly ColumnList many;
    private readonly ColumnList one;
    private readonly bool isSwapped;
    private readonly bool dropsName;
    private readonly int steps;
    private readonly LabelProjection projection;
    private readonly LabelSetTable results = new();
    private readonly List<SeriesColumn> columns = [];

    /// <summary>The steps at which the side of many has a value; null before somebody asks.</summary>
    private bool[]? manyAt;

    /// <summary>Signature, then result: the pairs that a step may have once.</summary>
    private readonly Dictionary<(int Signature, int Result), int> lastStepOf = [];
    private readonly Dictionary<(int Many, int One), int> resultOf = [];

    /// <summary>The operation of an expression.</summary>
    public VectorOperation(BinaryExpression expression, ColumnList left, ColumnList right, QueryRun run)
    {
        (this.expression, matching, this.run) = (expression, expression.Matching!, run);
        isSwapped = matching.Cardinality == MatchCardinality.OneToMany;
        (many, one) = isSwapped ? (right, left) : (left, right);
        dropsName =
            ColumnOperator.ChangesMetric(expression.Operator) || (expression.ReturnBool && !run.DelaysNameRemoval);
        @operator = new ColumnOperator(expression, run);
        projection = Matches.ProjectionOf(matching);
        steps = left.Grid.Count;
    }

    /// <summary>The results.</summary>
    public ColumnList Evaluate()
    {
        var signatures = new LabelSetTable();
        var manySignatures = Matches.SignaturesOf(many, projection, signatures);
        var oneSignatures = Matches.SignaturesOf(one, projection, signatures);
        var members = new Members[signatures.Count];
        for (var i = 0; i < many.Count; i++)
        {
            (members[manySignatures[i]] ??= new Members()).Many.Add(i);
        }
        for (var i = 0; i < one.Count; i++)
        {
            (members[oneSignatures[i]] ??= new Members()).One.Add(i);
        }
        for (var signature = 0; signature < members.Length; signature++)
        {
            run.Check();
            Evaluate(signature, members[signature]);
        }
        many.Release(run.Budget);
        one.Release(run.Budget);
        run.Budget.ReleaseBytes(((long)columns.Count * steps * sizeof(double)) + (PairBytes * resultOf.Count));
        return ColumnList.Counted(many.Grid, columns, run);
    }

    private void Evaluate(int signature, Members members)
    {
        var fills = matching.FillLeft is not null || matching.FillRight is not null;
        if (!fills && (members.One.Count == 0 || (members.Many.Count == 0 && members.One.Count == 1)))
        {
            return;
        }
        if (!fills && members.One.Count == 1 && HaveOwnResults(members))
        {
            foreach (var index in members.Many)
            {
                EvaluatePair(index, members.One[0]);
            }
            return;
        }
        for (var step = 0; step < steps; step++)
        {
            // Few signatures may hide very many series.
            run.Check();
            EvaluateStep(signature, members, step);
        }
    }

    /// <summary>Whether all series of many lead to different results, so that they need not be compared step by step.</summary>
    private bool HaveOwnResults(Members members)
    {
        if (members.Many.Count == 1)
        {
            return true;
        }
        if (matching.Cardinality == MatchCardinality.OneToOne)
        {
            return false;
        }
        var seen = new HashSet<int>();
        return members.Many.TrueForAll(index => seen.Add(ResultOf(index, members.One[0])));
    }

    /// <summary>The usual case: the whole columns at once.</summary>
    private void EvaluatePair(int manyIndex, int oneIndex)
    {
        var (own, other) = (many.Series[manyIndex].Column, one.Series[oneIndex].Column);
        var ordinal = ResultOf(manyIndex, oneIndex);
        var (left, right) = isSwapped ? (other, own) : (own, other);
        if (columns[ordinal].Column is { IsEmpty: true } empty)
        {
            @operator.Apply(left, right, empty);
            return;
        }
        var result = new StepColumn(steps);
        @operator.Apply(left, right, result);
        for (var step = 0; step < steps; step++)
        {
            if (Element.At(result, step) is { IsPresent: true } value)
            {
                Put(ordinal, step, value);
            }
        }
    }

    /// <summary>The ordinal of the result of two series, of which one may be filled in (-1).</summary>
    private int ResultOf(int manyIndex, int oneIndex)
    {
        if (resultOf.TryGetValue((manyIndex, oneIndex), out var known))
        {
            return known;
        }
        var ofMany = manyIndex >= 0 ? many.Series[manyIndex].Labels : projection.Of(one.Series[oneIndex].Labels);
        var ofOne = oneIndex >= 0 ? one.Series[oneIndex].Labels : projection.Of(many.Series[manyIndex].Labels);
        var labels = Matches.ResultLabels(ofMany, ofOne, expression, dropsName);
        var ordinal = results.Add(labels);
        if (ordinal == columns.Count)
        {
            run.Budget.TakeBytes((long)steps * sizeof(double));
            run.Budget.TakeBytes(SetBytes + (LabelBytes * labels.Labels.Length));
            columns.Add(new SeriesColumn(labels, new StepColumn(steps)) { DropName = expression.ReturnBool });
        }
        run.Budget.TakeBytes(PairBytes);
        resultOf.Add((manyIndex, oneIndex), ordinal);
        return ordinal;
    }

    private void EvaluateStep(int signature, Members members, int step)
    {
        var partner = PartnerAt(members, step);
        var isMatched = false;
        foreach (var index in members.Many)
        {
            if (Element.At(many.Series[index].Column, step) is not { IsPresent: true } value)
            {
                continue;
            }
            if (partner >= 0)
            {
                var other = Element.At(one.Series[partner].Column, step);
                isMatched |= Combine(signature, step, (index, value), (partner, other));
            }
            else if (matching.FillRight is { } fill)
            {
                isMatched |= Combine(signature, step, (index, value), (-1, new Element(fill, null)));
            }
        }
        if (!isMatched && partner >= 0 && matching.FillLeft is { } missing)
        {
            var other = Element.At(one.Series[partner].Column, step);
            Combine(signature, step, (-1, new Element(missing, null)), (partner, other));
        }
    }

    /// <summary>The series of the side of one that has a value at a step; -1 for none.</summary>
    private int PartnerAt(Members members, int step)
    {
        var found = -1;
        foreach (var index in members.One)
        {
            if (!one.Series[index].Column.Has(step))
            {
                continue;
            }
            if (found >= 0)
            {
                if (HasManyAt(step))
                {
                    throw DuplicateSeries(one.Series[found].Labels, one.Series[index].Labels);
                }
                return -1;
            }
            found = index;
        }
        return found;
    }

    /// <summary>Duplicates are no error at a step at which the other side has nothing to match.</summary>
    private bool HasManyAt(int step) =>
        matching.FillLeft is not null || matching.FillRight is not null || (manyAt ??= MarkMany())[step];

    private bool[] MarkMany()
    {
        var present = new bool[steps];
        foreach (var series in many.Series)
        {
            ColumnMath.MarkPresent(series.Column, present);
        }
        return present;
    }

    /// <summary>Computes one value; false when the types do not go together.</summary>
    private bool Combine(int signature, int step, (int Index, Element Value) ofMany, (int Index, Element Value) ofOne)
    {
        var outcome = @operator.Evaluate(
            isSwapped ? ofOne.Value : ofMany.Value,
            isSwapped ? ofMany.Value : ofOne.Value,
            out var value,
            out _
        );
        if (outcome == ColumnOperator.Outcome.Failed)
        {
            return false;
        }
        var result = ResultOf(ofMany.Index, ofOne.Index);
        var isOneToOne = matching.Cardinality == MatchCardinality.OneToOne;
        var key = (signature, isOneToOne ? -1 : result);
        if (lastStepOf.TryGetValue(key, out var last) && last == step)
        {
            throw QueryException.Execution(
                isOneToOne
                    ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    : "multiple matches for labels: grouping labels must ensure unique matches"
            );
        }
        lastStepOf[key] = step;
        if (outcome == ColumnOperator.Outcome.Value)
        {
            Put(result, step, value);
        }
        return true;
    }

    private void Put(int result, int step, Element value)
    {
        var column = columns[result].Column;
        if (column.Has(step))
        {
            throw ColumnMerge.SameLabels();
        }
        ColumnOperator.Set(column, step, value);
    }

    private QueryException DuplicateSeries(LabelSet first, LabelSet second)
    {
        var group = projection.Of(first);
        var (one, other) = (SeriesText.Of(first), SeriesText.Of(second));
        if (string.CompareOrdinal(one, other) > 0)
        {
            (one, other) = (other, one);
        }
        var side = isSwapped ? "left" : "right";
        return QueryException.Execution(
            $"found duplicate series for the match group {SeriesText.Of(group)} on the {side} hand-side of the operation: "
                + $"[{one}, {other}];many-to-many matching not allowed: matching labels must be unique on one side"
        );
    }

    /// <summary>The series with one signature.</summary>
    private sealed class Members
    {
        /// <summary>Those of the side of many.</summary>
        public List<int> Many { get; } = [];

        /// <summary>Those of the side of one.</summary>
        public List<int> One { get; } = [];
    }
}
