using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <content>What stands in an action.</content>
internal sealed partial class TemplateParser
{
    private TemplateExpression.Pipeline ReadPipeline(string context, TokenKind end)
    {
        if (++depth > MaxDepth)
        {
            throw Error($"more than {MaxDepth} actions in actions");
        }
        SkipSpace();
        var position = Current.Position;
        var declared = ReadDeclarations(context, out var isAssignment);
        var commands = new List<TemplateExpression.Command>();
        while (true)
        {
            var token = NextNonSpace();
            if (token.Kind == end)
            {
                CheckCommands(commands, context);
                depth--;
                return new TemplateExpression.Pipeline(position, declared, isAssignment, commands);
            }
            if (!BeginsOperand(token.Kind))
            {
                throw Unexpected(token, context);
            }
            next--;
            commands.Add(ReadCommand());
        }
    }

    private static bool BeginsOperand(TokenKind kind) =>
        kind
            is TokenKind.Flag
                or TokenKind.Character
                or TokenKind.Dot
                or TokenKind.Field
                or TokenKind.Identifier
                or TokenKind.Number
                or TokenKind.Nil
                or TokenKind.String
                or TokenKind.Variable
                or TokenKind.LeftParenthesis;

    private List<TemplateExpression.Variable> ReadDeclarations(string context, out bool isAssignment)
    {
        var declared = new List<TemplateExpression.Variable>();
        isAssignment = false;
        while (Current.Kind is TokenKind.Variable)
        {
            var start = next;
            var name = NextNonSpace();
            SkipSpace();
            if (Current.Kind is TokenKind.Assign or TokenKind.Declare)
            {
                isAssignment = Current.Kind is TokenKind.Assign;
                next++;
                Declare(declared, name);
                break;
            }
            if (Current is not { Kind: TokenKind.Other, Text: "," })
            {
                next = start;
                break;
            }
            next++;
            Declare(declared, name);
            if (context != "range" || declared.Count > 1)
            {
                throw Error($"too many declarations in {context}");
            }
            SkipSpace();
            if (Current.Kind is not (TokenKind.Variable or TokenKind.RightDelimiter or TokenKind.RightParenthesis))
            {
                throw Error("range can only initialize variables");
            }
        }
        return declared;
    }

    private void Declare(List<TemplateExpression.Variable> declared, TemplateToken name)
    {
        declared.Add(new TemplateExpression.Variable(name.Position, [name.Text]));
        variables.Add(name.Text);
    }

    private void CheckCommands(List<TemplateExpression.Command> commands, string context)
    {
        if (commands.Count == 0)
        {
            throw Error($"missing value for {context}");
        }
        var useless = commands.FindIndex(
            1,
            command => command.Parts[0] is TemplateExpression.Constant or TemplateExpression.Dot
        );
        if (useless > 0)
        {
            throw Error($"non executable command in pipeline stage {useless + 1}");
        }
    }

    /// <summary>A command and the <c>|</c> behind it; what else ends it stays.</summary>
    private TemplateExpression.Command ReadCommand()
    {
        SkipSpace();
        var position = Current.Position;
        var parts = new List<TemplateExpression>();
        while (true)
        {
            SkipSpace();
            if (ReadOperand() is { } operand)
            {
                parts.Add(operand);
            }
            var token = Current;
            switch (token.Kind)
            {
                case TokenKind.Space:
                    continue;
                case TokenKind.RightDelimiter or TokenKind.RightParenthesis:
                    break;
                case TokenKind.Pipe:
                    next++;
                    break;
                default:
                    next++;
                    throw Unexpected(token, "operand");
            }
            return parts.Count > 0 ? new TemplateExpression.Command(position, parts) : throw Error("empty command");
        }
    }

    private TemplateExpression? ReadOperand()
    {
        var term = ReadTerm();
        if (term is null || Current.Kind is not TokenKind.Field)
        {
            return term;
        }
        var position = Current.Position;
        var names = new List<string>();
        while (Current.Kind is TokenKind.Field)
        {
            names.Add(Current.Text[1..]);
            next++;
        }
        return term switch
        {
            TemplateExpression.Field field => new TemplateExpression.Field(position, [.. field.Names, .. names]),
            TemplateExpression.Variable variable => new TemplateExpression.Variable(
                position,
                [.. variable.Names, .. names]
            ),
            TemplateExpression.Constant or TemplateExpression.Dot => throw Error(
                $"unexpected . after term {Quoting.Quote(term.ToString())}"
            ),
            _ => new TemplateExpression.Chain(position, term, names),
        };
    }

    private TemplateExpression? ReadTerm()
    {
        var token = Current;
        next++;
        switch (token.Kind)
        {
            case TokenKind.Identifier when !TemplateFunctions.Exists(token.Text):
                throw Error($"function {Quoting.Quote(token.Text)} not defined");
            case TokenKind.Identifier:
                return new TemplateExpression.Identifier(token.Position, token.Text);
            case TokenKind.Dot:
                return new TemplateExpression.Dot(token.Position);
            case TokenKind.Nil:
                return new TemplateExpression.Constant(token.Position, token.Text, null);
            case TokenKind.Variable when !variables.Contains(token.Text, StringComparer.Ordinal):
                throw Error($"undefined variable {Quoting.Quote(token.Text)}");
            case TokenKind.Variable:
                return new TemplateExpression.Variable(token.Position, [token.Text]);
            case TokenKind.Field:
                return new TemplateExpression.Field(token.Position, [token.Text[1..]]);
            case TokenKind.Flag:
                return new TemplateExpression.Constant(token.Position, token.Text, token.Text == "true");
            case TokenKind.Character:
                return new TemplateExpression.Constant(token.Position, token.Text, CodePointOf(token));
            case TokenKind.Number:
                return new TemplateExpression.Constant(
                    token.Position,
                    token.Text,
                    TemplateNumber.Parse(token.Text)
                        ?? throw Error($"illegal number syntax: {Quoting.Quote(token.Text)}")
                );
            case TokenKind.LeftParenthesis:
                return ReadPipeline("parenthesized pipeline", TokenKind.RightParenthesis);
            case TokenKind.String:
                return new TemplateExpression.Constant(token.Position, token.Text, Unquote(token));
            default:
                next--;
                return null;
        }
    }

    private long CodePointOf(TemplateToken token)
    {
        var runes = Unquote(token).EnumerateRunes().ToArray();
        return runes.Length == 1 ? runes[0].Value : throw Error($"malformed character constant: {token.Text}");
    }
}
