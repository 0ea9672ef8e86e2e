using Tributary.Model;

namespace Tributary.PromQL.Syntax;

/// <summary>Checks that the parts of a query fit together; the first that does not is an error.</summary>
/// <param name="query">The query.</param>
/// <param name="misplaced">The modifiers written at operators that are not between two vectors.</param>
internal sealed class TypeChecker(string query, IReadOnlyDictionary<BinaryExpression, VectorMatching>? misplaced)
{
    /// <summary>Checks an expression and all inside it.</summary>
    /// <returns>Its type.</returns>
    /// <exception cref="ParseException">Something does not fit.</exception>
    public ExpressionType Check(Expression expression)
    {
        switch (expression)
        {
            case StringLiteral text when Quoting.HasRawBytes(text.Value):
                throw Error(text, Quoting.NotUtf8);
            case SelectorExpression selector:
                CheckSelector(selector, mayBeEmpty: false);
                break;
            case MatrixSelector matrix:
                CheckSelector(matrix.Selector, mayBeEmpty: false);
                break;
            case SubqueryExpression subquery when Check(subquery.Expression) is var type and not ExpressionType.Vector:
                throw Error(subquery, $"subquery is only allowed on instant vector, got {type.Name()} instead");
            case CallExpression call:
                CheckCall(call);
                break;
            case AggregateExpression aggregate:
                CheckAggregate(aggregate);
                break;
            case BinaryExpression binary:
                CheckBinary(binary);
                break;
            case ParenthesesExpression parentheses:
                Check(parentheses.Expression);
                break;
            case UnaryExpression unary when Check(unary.Expression) is var type && !IsNumeric(type):
                var name = Quoting.Quote(type.DocumentedName());
                throw Error(
                    unary,
                    $"unary expression only allowed on expressions of type scalar or instant vector, got {name}"
                );
            default:
                break;
        }
        return expression.Type;
    }

    private void CheckSelector(SelectorExpression selector, bool mayBeEmpty)
    {
        if (selector.Name is { } name)
        {
            var second = selector
                .Selector.Matchers.Skip(1)
                .FirstOrDefault(matcher =>
                    string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal)
                );
            if (second is not null)
            {
                var names = $"{Quoting.Quote(name)} or {Quoting.Quote(second.Value)}";
                throw Error(selector, $"metric name must not be set twice: {names}");
            }
        }
        else if (!mayBeEmpty && selector.Selector.Matchers.All(matcher => matcher.MatchesEmpty))
        {
            throw Error(selector, "vector selector must contain at least one non-empty matcher");
        }
    }

    private void CheckCall(CallExpression call)
    {
        var function = call.Function;
        var place = $"call to function {Quoting.Quote(function.Name)}";
        CheckCount(call);
        var isInfo = string.Equals(function.Name, "info", StringComparison.Ordinal);
        if (isInfo && call.Arguments.Count > 1)
        {
            CheckInfoLabels(call, call.Arguments[1], place);
        }
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (isInfo && i == 1)
            {
                // It selects labels, which may be none in particular.
                CheckSelector((SelectorExpression)call.Arguments[1], mayBeEmpty: true);
                continue;
            }
            Expect(call.Arguments[i], function.TypeOfArgument(i), place);
        }
    }

    private void CheckCount(CallExpression call)
    {
        var function = call.Function;
        var count = call.Arguments.Count;
        var declared = function.ArgumentTypes.Count;
        var min = function.Variadic == 0 ? declared : declared - 1;
        var max = function.Variadic < 0 ? int.MaxValue : min + function.Variadic;
        if (count >= min && count <= max)
        {
            return;
        }
        var bound =
            function.Variadic == 0 ? $"{min}"
            : count < min ? $"at least {min}"
            : $"at most {max}";
        throw Error(call, $"expected {bound} argument(s) in call to {Quoting.Quote(function.Name)}, got {count}");
    }

    private void CheckInfoLabels(CallExpression call, Expression labels, string place)
    {
        if (labels.Type != ExpressionType.Vector)
        {
            var expected = ExpressionType.Vector.DocumentedName();
            throw Error(call, $"expected type {expected} in {place}, got {labels.Type.DocumentedName()}");
        }
        if (labels is not SelectorExpression selector)
        {
            throw Error(labels, "expected label selectors only");
        }
        if (selector.Name is not null)
        {
            throw Error(labels, "expected label selectors only, got vector selector instead");
        }
    }

    private void CheckAggregate(AggregateExpression aggregate)
    {
        Expect(aggregate.Expression, ExpressionType.Vector, "aggregation expression");
        if (aggregate.Parameter is StringLiteral name && Quoting.HasRawBytes(name.Value))
        {
            throw ParseException.OfWhole($"invalid label name {Quoting.Quote(name.Value)}");
        }
        if (aggregate.Parameter is { } parameter)
        {
            var isText = aggregate.Operator == AggregateOperator.CountValues;
            Expect(parameter, isText ? ExpressionType.String : ExpressionType.Scalar, "aggregation parameter");
        }
    }

    private void CheckBinary(BinaryExpression binary)
    {
        var left = Check(binary.Left);
        var right = Check(binary.Right);
        var @operator = binary.Operator;
        var areScalars = left == ExpressionType.Scalar && right == ExpressionType.Scalar;
        if (binary.ReturnBool && !@operator.IsComparison())
        {
            throw AtOperator(binary, "bool modifier can only be used on comparison operators");
        }
        if (@operator.IsComparison() && !binary.ReturnBool && areScalars)
        {
            throw AtOperator(binary, "comparisons between scalars must use BOOL modifier");
        }
        if (binary.Matching is { } used)
        {
            CheckMatching(binary, used);
            return;
        }
        var wrong = misplaced?.GetValueOrDefault(binary);
        if (wrong is not null)
        {
            CheckDuplicates(binary, wrong);
        }
        if (!IsNumeric(left) || !IsNumeric(right))
        {
            var side = IsNumeric(left) ? binary.Right : binary.Left;
            throw Error(side, "binary expression must contain only scalar and instant vector types");
        }
        if (wrong is not null)
        {
            var what = wrong.Labels.Count > 0 ? "vector matching" : "filling in missing series";
            throw Error(binary, $"{what} only allowed between instant vectors");
        }
        if (@operator.IsSet())
        {
            var symbol = Quoting.Quote(@operator.Symbol());
            throw Error(binary, $"set operator {symbol} not allowed in binary scalar expression");
        }
    }

    private void CheckMatching(BinaryExpression binary, VectorMatching matching)
    {
        CheckDuplicates(binary, matching);
        if (!binary.Operator.IsSet())
        {
            return;
        }
        if (matching.Cardinality != MatchCardinality.ManyToMany)
        {
            throw Error(binary, $"no grouping allowed for {Quoting.Quote(binary.Operator.Symbol())} operation");
        }
        if ((matching.FillLeft ?? matching.FillRight) is not null)
        {
            throw Error(binary, "filling in missing series not allowed for set operators");
        }
    }

    private void CheckDuplicates(BinaryExpression binary, VectorMatching matching)
    {
        if (!matching.On || matching.Include.Count == 0)
        {
            return;
        }
        var included = matching.Include.ToHashSet(StringComparer.Ordinal);
        if (matching.Labels.FirstOrDefault(included.Contains) is { } label)
        {
            var name = Quoting.Quote(label);
            throw AtOperator(binary, $"label {name} must not occur in ON and GROUP clause at once");
        }
    }

    private void Expect(Expression expression, ExpressionType wanted, string place)
    {
        var type = Check(expression);
        if (type != wanted)
        {
            var names = $"{wanted.DocumentedName()} in {place}, got {type.DocumentedName()}";
            throw Error(expression, $"expected type {names}");
        }
    }

    private static bool IsNumeric(ExpressionType type) => type is ExpressionType.Scalar or ExpressionType.Vector;

    private ParseException Error(Expression expression, string problem) =>
        ParseException.At(query, expression.Position.Start, problem);

    private ParseException AtOperator(BinaryExpression binary, string problem)
    {
        var place = binary.Left.Position.End;
        while (place < query.Length && query[place] is ' ' or '\t' or '\n' or '\r')
        {
            place++;
        }
        return ParseException.At(query, place, problem);
    }
}
