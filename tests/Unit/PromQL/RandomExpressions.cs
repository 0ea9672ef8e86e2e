using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL;

/// <summary>
/// Makes expressions whose types fit, exactly as the parser would read them from their text: with the parentheses that the
/// precedences need, and matchers in the order in which they are printed. The same random numbers make the same expressions.
/// </summary>
internal sealed class RandomExpressions(Random random, RandomExpressionOptions options)
{
    private const int PowerPrecedence = 6;
    private const int MultiplyPrecedence = 5;
    private const int Tightest = 7;

    private static readonly BinaryOperator[] Operators = Enum.GetValues<BinaryOperator>();

    private readonly RandomSelectors selectors = new(random, options);
    private readonly FunctionSignature[] functions =
    [
        .. FunctionSignatures.All.Where(function =>
            options.Functions(function) && (!function.IsExperimental || options.Features.ExperimentalFunctions)
        ),
    ];
    private readonly AggregateOperator[] aggregations =
    [
        .. Enum.GetValues<AggregateOperator>()
            .Where(item =>
                options.Aggregations(item) && (!item.IsExperimental() || options.Features.ExperimentalFunctions)
            ),
    ];

    /// <summary>An instant vector or a scalar, as a query over a range can have it.</summary>
    public Expression Next() => Next(random.Next(5) == 0 ? ExpressionType.Scalar : ExpressionType.Vector);

    /// <summary>An expression of a type.</summary>
    public Expression Next(ExpressionType type) => Next(type, options.MaxDepth);

    private Expression Next(ExpressionType type, int depth) =>
        type switch
        {
            ExpressionType.String => new StringLiteral(selectors.Text(), default),
            ExpressionType.Matrix => Matrix(depth),
            ExpressionType.Scalar => Scalar(depth),
            _ => Vector(depth),
        };

    private Expression Vector(int depth)
    {
        if (depth <= 1)
        {
            return selectors.Selector();
        }
        return random.Next(10) switch
        {
            0 or 1 => selectors.Selector(),
            2 or 3 or 4 => Aggregate(depth - 1),
            5 or 6 => Binary(ExpressionType.Vector, depth - 1),
            7 when random.Next(2) == 0 => Unary(ExpressionType.Vector, depth - 1),
            7 => new ParenthesesExpression(Vector(depth - 1), default),
            _ => Call(ExpressionType.Vector, depth - 1),
        };
    }

    private Expression Scalar(int depth)
    {
        if (depth <= 1)
        {
            return Number();
        }
        return random.Next(8) switch
        {
            0 or 1 => Call(ExpressionType.Scalar, depth - 1),
            2 => Binary(ExpressionType.Scalar, depth - 1),
            3 => Unary(ExpressionType.Scalar, depth - 1),
            _ => Number(),
        };
    }

    private Expression Matrix(int depth) =>
        depth <= 1 || random.Next(3) > 0 ? selectors.Matrix() : selectors.Subquery(Fit(Vector(depth - 1), Tightest));

    private NumberLiteral Number()
    {
        if (random.Next(6) == 0)
        {
            return new NumberLiteral(selectors.Milliseconds() / 1000.0, true, default);
        }
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e300, 5e-324, 1e21, 1e23];
        var value = random.Next(6) switch
        {
            0 when options.IsOdd => odd[random.Next(odd.Length)],
            1 when options.IsOdd => BitConverter.Int64BitsToDouble(random.NextInt64()),
            0 or 1 => random.NextDouble(),
            2 => -random.Next(100),
            _ => random.Next(10),
        };
        return new NumberLiteral(value, false, default);
    }

    private UnaryExpression Unary(ExpressionType type, int depth)
    {
        var inner = Next(type, depth);
        // A sign before a number would become part of it.
        var operand = inner is NumberLiteral ? new ParenthesesExpression(inner, default) : Fit(inner, PowerPrecedence);
        return new UnaryExpression(random.Next(4) > 0, operand, default);
    }

    private CallExpression Call(ExpressionType type, int depth)
    {
        var fitting = functions.Where(function => function.ReturnType == type).ToArray();
        var function = fitting[random.Next(fitting.Length)];
        var min = function.ArgumentTypes.Count - (function.Variadic == 0 ? 0 : 1);
        var count = min + random.Next(1 + (function.Variadic < 0 ? 3 : function.Variadic));
        var arguments = Enumerable.Range(0, count).Select(index => Argument(function, index, depth)).ToArray();
        return new CallExpression(function, arguments, default);
    }

    private Expression Argument(FunctionSignature function, int index, int depth) =>
        (function.Name, index) switch
        {
            ("info", 1) => selectors.Labels(),
            ("label_replace", 2) => new StringLiteral("x-$1", default),
            ("label_replace", 4) => new StringLiteral(selectors.Pattern(), default),
            ("label_join", 2) => Next(ExpressionType.String, depth),
            _ when function.TypeOfArgument(index) == ExpressionType.String => new StringLiteral(
                selectors.LabelName(),
                default
            ),
            _ => Next(function.TypeOfArgument(index), depth),
        };

    private AggregateExpression Aggregate(int depth)
    {
        var @operator = aggregations[random.Next(aggregations.Length)];
        Expression? parameter = @operator switch
        {
            AggregateOperator.CountValues => new StringLiteral(selectors.LabelName(), default),
            AggregateOperator.LimitRatio => new NumberLiteral(random.Next(-10, 11) / 10.0, false, default),
            _ => @operator.HasParameter() ? Scalar(depth) : null,
        };
        var labels = selectors.LabelNames();
        var without = random.Next(3) == 0;
        return new AggregateExpression(@operator, Vector(depth), parameter, labels, without, default);
    }

    private BinaryExpression Binary(ExpressionType type, int depth)
    {
        var isVector = type == ExpressionType.Vector;
        // Vectors meet vectors or scalars.
        var hasScalar = !isVector || random.Next(3) == 0;
        var @operator = Operators[random.Next(Operators.Length)];
        while (hasScalar && @operator.IsSet())
        {
            @operator = Operators[random.Next(Operators.Length)];
        }
        var isLeftScalar = hasScalar && (!isVector || random.Next(2) == 0);
        var isRightScalar = hasScalar && (!isVector || !isLeftScalar);
        var left = Next(isLeftScalar ? ExpressionType.Scalar : ExpressionType.Vector, depth);
        var right = Next(isRightScalar ? ExpressionType.Scalar : ExpressionType.Vector, depth);
        var precedence = Precedence(@operator);
        var isPower = @operator == BinaryOperator.Power;
        var returnBool = @operator.IsComparison() && (!isVector || random.Next(3) == 0);
        return new BinaryExpression(
            @operator,
            Fit(left, isPower ? precedence + 1 : precedence),
            FitRight(right, isPower ? precedence : precedence + 1),
            hasScalar ? null : Matching(@operator),
            returnBool,
            default
        );
    }

    private VectorMatching Matching(BinaryOperator @operator)
    {
        var on = random.Next(3) == 0;
        var labels = on || random.Next(3) == 0 ? selectors.LabelNames() : [];
        if (@operator.IsSet())
        {
            return new VectorMatching(MatchCardinality.ManyToMany, on, labels, [], null, null);
        }
        var cardinality = (MatchCardinality)random.Next((int)MatchCardinality.ManyToMany);
        IReadOnlyList<string> include =
            cardinality == MatchCardinality.OneToOne ? [] : [.. selectors.LabelNames().Except(on ? labels : [])];
        var fills = options.Features.FillModifiers ? random.Next(8) : 0;
        double? left = fills is 5 or 7 ? Number().Value : null;
        double? right = fills is 6 or 7 ? Number().Value : null;
        return new VectorMatching(cardinality, on, labels, include, left, right);
    }

    /// <summary>The expression, in parentheses if it binds weaker than its place asks for.</summary>
    private static Expression Fit(Expression expression, int minPrecedence)
    {
        var precedence = expression switch
        {
            BinaryExpression binary => Precedence(binary.Operator),
            UnaryExpression => MultiplyPrecedence,
            // Its sign, if it has one, is read as one.
            NumberLiteral number when GoSign(number.Value) => MultiplyPrecedence,
            _ => Tightest,
        };
        return precedence < minPrecedence ? new ParenthesesExpression(expression, default) : expression;
    }

    /// <summary>What begins with a sign needs no parentheses at the right of an operator.</summary>
    private static Expression FitRight(Expression expression, int minPrecedence) =>
        expression is UnaryExpression or NumberLiteral ? expression : Fit(expression, minPrecedence);

    private static bool GoSign(double value) => double.IsNegative(value) || double.IsInfinity(value);

    private static int Precedence(BinaryOperator @operator) =>
        @operator switch
        {
            BinaryOperator.Or => 1,
            BinaryOperator.And or BinaryOperator.Unless => 2,
            <= BinaryOperator.TrimLower => 3,
            BinaryOperator.Add or BinaryOperator.Subtract => 4,
            BinaryOperator.Power => PowerPrecedence,
            _ => MultiplyPrecedence,
        };
}
