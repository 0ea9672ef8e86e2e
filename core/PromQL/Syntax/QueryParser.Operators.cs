namespace Tributary.PromQL.Syntax;

/// <summary>Aggregations, and what stands between an operator and its right side.</summary>
public sealed partial class QueryParser
{
    private const string Grouping = "grouping opts";

    private AggregateExpression ReadAggregate(Token name)
    {
        var outer = context;
        context = "aggregation";
        IReadOnlyList<string> labels = [];
        var without = false;
        var hasLabels = TryReadGrouping(ref labels, ref without);
        var arguments = ReadArguments(out var end);
        if (!hasLabels && TryReadGrouping(ref labels, ref without))
        {
            end = tokens.LastEnd;
        }
        context = outer;
        var @operator = (AggregateOperator)(name.Kind - TokenKind.Sum);
        CheckArguments(@operator, name, arguments);
        var parameter = @operator.HasParameter() ? arguments[0] : null;
        var position = new PositionRange(name.Start, end);
        return Limited(new AggregateExpression(@operator, arguments[^1], parameter, labels, without, position));
    }

    private void CheckArguments(AggregateOperator @operator, Token name, List<Expression> arguments)
    {
        if (arguments.Count == 0)
        {
            throw tokens.Error(name.Start, "no arguments for aggregate expression provided");
        }
        if (@operator.IsExperimental() && !options.ExperimentalFunctions)
        {
            const string Flag = "--enable-feature=promql-experimental-functions";
            throw tokens.Error(name.Start, $"{@operator.Name()}() is experimental and must be enabled with {Flag}");
        }
        var wanted = @operator.HasParameter() ? 2 : 1;
        if (arguments.Count != wanted)
        {
            const string Problem = "wrong number of arguments for aggregate expression provided";
            throw tokens.Error(name.Start, $"{Problem}, expected {wanted}, got {arguments.Count}");
        }
    }

    /// <summary>Reads <c>by (…)</c> or <c>without (…)</c>, if it comes next.</summary>
    private bool TryReadGrouping(ref IReadOnlyList<string> labels, ref bool without)
    {
        if (tokens.Peek().Kind is not (TokenKind.By or TokenKind.Without))
        {
            return false;
        }
        without = tokens.Take().Kind == TokenKind.Without;
        labels = ReadLabels();
        return true;
    }

    private List<string> ReadLabels()
    {
        if (!tokens.TryTake(TokenKind.LeftParen))
        {
            throw tokens.Unexpected(Grouping, "\"(\"");
        }
        if (tokens.TryTake(TokenKind.RightParen))
        {
            return [];
        }
        var labels = new List<string>();
        do
        {
            labels.Add(ReadLabel());
            if (labels.Count > MaxLabels)
            {
                throw tokens.Error(tokens.Peek().Start, $"list has more than {MaxLabels} labels");
            }
            if (tokens.TryTake(TokenKind.RightParen))
            {
                return labels;
            }
            if (!tokens.TryTake(TokenKind.Comma))
            {
                throw tokens.Unexpected(Grouping, "\",\" or \")\"");
            }
        } while (!tokens.TryTake(TokenKind.RightParen));
        return labels;
    }

    private string ReadLabel()
    {
        var token = tokens.Peek();
        if (token.Kind != TokenKind.String)
        {
            return token.IsLabelName ? tokens.TextOf(tokens.Take()) : throw tokens.Unexpected(Grouping, "label");
        }
        var label = tokens.Take().Value!;
        return label.Length > 0 && !Quoting.HasRawBytes(label)
            ? label
            : throw tokens.Error(token.Start, $"invalid label name for grouping: {Quoting.Quote(label)}");
    }

    private (bool ReturnBool, VectorMatching Matching) ReadModifiers()
    {
        var returnBool = tokens.TryTake(TokenKind.Bool);
        var cardinality = MatchCardinality.OneToOne;
        IReadOnlyList<string> labels = [];
        IReadOnlyList<string> include = [];
        var on = tokens.Peek().Kind == TokenKind.On;
        if (on || tokens.Peek().Kind == TokenKind.Ignoring)
        {
            tokens.Take();
            labels = ReadLabels();
            if (tokens.Peek().Kind is TokenKind.GroupLeft or TokenKind.GroupRight)
            {
                var isLeft = tokens.Take().Kind == TokenKind.GroupLeft;
                cardinality = isLeft ? MatchCardinality.ManyToOne : MatchCardinality.OneToMany;
                include = CanBeGrouping(tokens.Peek()) ? ReadLabels() : [];
            }
        }
        var (left, right) = ReadFills();
        return (returnBool, new VectorMatching(cardinality, on, labels, include, left, right));
    }

    /// <summary>Labels in parentheses, or what cannot go on in another way either: then they are what is missed.</summary>
    private static bool CanBeGrouping(Token next) =>
        next.Kind is TokenKind.LeftParen
        || !(next.StartsExpression || next.Kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight);

    private (double? Left, double? Right) ReadFills()
    {
        if (tokens.TryTake(TokenKind.Fill))
        {
            var both = ReadFill();
            return (both, both);
        }
        if (tokens.TryTake(TokenKind.FillLeft))
        {
            var left = ReadFill();
            return (left, tokens.TryTake(TokenKind.FillRight) ? ReadFill() : null);
        }
        if (tokens.TryTake(TokenKind.FillRight))
        {
            var right = ReadFill();
            return (tokens.TryTake(TokenKind.FillLeft) ? ReadFill() : null, right);
        }
        return (null, null);
    }

    private double ReadFill()
    {
        Require(TokenKind.LeftParen);
        var isNegative = tokens.TryTake(TokenKind.Subtract);
        if (!isNegative)
        {
            tokens.TryTake(TokenKind.Add);
        }
        if (tokens.Peek().Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw tokens.Unexpected(context);
        }
        var (value, _) = DurationParser.ReadNumber(tokens, tokens.Take());
        Require(TokenKind.RightParen);
        return isNegative ? -value : value;
    }

    private BinaryExpression Join(
        BinaryOperator @operator,
        Expression left,
        Expression right,
        (bool ReturnBool, VectorMatching Matching) modifiers
    )
    {
        var matching = modifiers.Matching;
        var position = new PositionRange(left.Position.Start, right.Position.End);
        if (!options.FillModifiers && (matching.FillLeft ?? matching.FillRight) is not null)
        {
            throw tokens.Error(position.Start, "binop fill modifiers are experimental and not enabled");
        }
        if (@operator.IsSet() && matching.Cardinality == MatchCardinality.OneToOne)
        {
            matching = matching with { Cardinality = MatchCardinality.ManyToMany };
        }
        var areVectors = left.Type == ExpressionType.Vector && right.Type == ExpressionType.Vector;
        var used = areVectors ? matching : null;
        var result = Limited(new BinaryExpression(@operator, left, right, used, modifiers.ReturnBool, position));
        if (!areVectors && (matching.Labels.Count > 0 || (matching.FillLeft ?? matching.FillRight) is not null))
        {
            misplaced ??= new Dictionary<BinaryExpression, VectorMatching>(ReferenceEqualityComparer.Instance);
            misplaced.Add(result, matching);
        }
        return result;
    }
}
