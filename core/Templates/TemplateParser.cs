using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Reads the pieces of a template into trees, one for the template and one for each that it defines.</summary>
/// <remarks>Messages are those of Go's parser, as Prometheus shows them.</remarks>
internal sealed partial class TemplateParser
{
    /// <summary>Parts in parts; deeper ones are refused, so that the call stack is enough for them.</summary>
    private const int MaxDepth = 100;

    private readonly TemplatePlaces places;
    private readonly IReadOnlyList<TemplateToken> tokens;
    private readonly Dictionary<string, IReadOnlyList<TemplateNode>> definitions = new(StringComparer.Ordinal);
    private List<string> variables = ["$"];
    private int next;
    private int depth;
    private int rangeDepth;
    private int actionLine;

    private TemplateParser(string text, TemplatePlaces places)
    {
        this.places = places;
        tokens = TemplateLexer.Read(text);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="places">What errors call the template, and where in it they are.</param>
    /// <returns>The trees by name; that of the text itself has the name of the template.</returns>
    /// <exception cref="TemplateException">The text is no template.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>> Parse(string text, TemplatePlaces places)
    {
        var parser = new TemplateParser(text, places);
        var nodes = parser.ReadFile();
        parser.Define(places.Name, nodes);
        return parser.definitions;
    }

    private TemplateToken Current => tokens[Math.Min(next, tokens.Count - 1)];

    private List<TemplateNode> ReadFile()
    {
        var nodes = new List<TemplateNode>();
        while (Current.Kind is not TokenKind.End)
        {
            if (Current.Kind is TokenKind.LeftDelimiter && FollowingKind() is TokenKind.Define)
            {
                ReadDefinition();
                continue;
            }
            var node = ReadNode();
            nodes.Add(node is TemplateNode.End or TemplateNode.Else ? throw Error($"unexpected {node}") : node);
        }
        return nodes;
    }

    private void ReadDefinition()
    {
        const string Context = "define clause";
        next++;
        SkipSpace();
        next++;
        var name = ReadName(Context);
        Expect(TokenKind.RightDelimiter, Context);
        Define(name, ReadApart(Context));
    }

    /// <summary>The body of a template in the text of another, which sees none of its variables.</summary>
    private List<TemplateNode> ReadApart(string context)
    {
        var (outside, outsideRanges) = (variables, rangeDepth);
        (variables, rangeDepth) = (["$"], 0);
        var body = ReadList(out var end);
        (variables, rangeDepth) = (outside, outsideRanges);
        return end is TemplateNode.End ? body : throw Error($"unexpected {end} in {context}");
    }

    /// <summary>A template without anything in it gives way to another of its name.</summary>
    private void Define(string name, List<TemplateNode> nodes)
    {
        if (!definitions.TryGetValue(name, out var existing) || IsEmpty(existing))
        {
            definitions[name] = nodes;
        }
        else if (!IsEmpty(nodes))
        {
            throw Error($"template: multiple definition of template {Quoting.Quote(name)}");
        }
    }

    private static bool IsEmpty(IReadOnlyList<TemplateNode> nodes) =>
        nodes.All(node => node is TemplateNode.Text text && string.IsNullOrWhiteSpace(text.Value));

    private List<TemplateNode> ReadList(out TemplateNode end)
    {
        if (++depth > MaxDepth)
        {
            throw Error($"more than {MaxDepth} actions in actions");
        }
        var nodes = new List<TemplateNode>();
        while (Current.Kind is not TokenKind.End)
        {
            var node = ReadNode();
            if (node is TemplateNode.End or TemplateNode.Else)
            {
                depth--;
                end = node;
                return nodes;
            }
            nodes.Add(node);
        }
        throw Error("unexpected EOF");
    }

    private TemplateNode ReadNode()
    {
        var token = tokens[Math.Min(next++, tokens.Count - 1)];
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new TemplateNode.Text(token.Position, token.Text);
            case TokenKind.LeftDelimiter:
                actionLine = places.LineOf(token.Position);
                var node = ReadAction();
                actionLine = 0;
                return node;
            default:
                throw Unexpected(token, "input");
        }
    }

    private TemplateNode ReadAction()
    {
        var token = NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Block:
                return ReadBlock();
            case TokenKind.Break or TokenKind.Continue:
                return ReadJump(token);
            case TokenKind.Else:
                return ReadElse();
            case TokenKind.EndKeyword:
                return new TemplateNode.End(Expect(TokenKind.RightDelimiter, "end").Position);
            case TokenKind.If:
                var (condition, body, otherwise) = ReadControl("if");
                return new TemplateNode.If(condition.Position, condition, body, otherwise);
            case TokenKind.With:
                (condition, body, otherwise) = ReadControl("with");
                return new TemplateNode.With(condition.Position, condition, body, otherwise);
            case TokenKind.Range:
                (condition, body, otherwise) = ReadControl("range");
                return new TemplateNode.Range(condition.Position, condition, body, otherwise);
            case TokenKind.Template:
                return ReadCall();
            default:
                next--;
                return new TemplateNode.Action(Current.Position, ReadPipeline("command", TokenKind.RightDelimiter));
        }
    }

    private (TemplateExpression.Pipeline, List<TemplateNode>, List<TemplateNode>?) ReadControl(string context)
    {
        var known = variables.Count;
        var pipeline = ReadPipeline(context, TokenKind.RightDelimiter);
        rangeDepth += context == "range" ? 1 : 0;
        var body = ReadList(out var end);
        rangeDepth -= context == "range" ? 1 : 0;
        List<TemplateNode>? otherwise = null;
        if (end is TemplateNode.Else)
        {
            // `else if` leaves its `if` to be read: it is an `if` in the `else`, and they share their `end`.
            var shares = context != "range" && Current.Kind == (context == "if" ? TokenKind.If : TokenKind.With);
            otherwise = shares ? [ReadShared()] : ReadList(out end);
            if (!shares && end is not TemplateNode.End)
            {
                throw Error($"expected end; found {end}");
            }
        }
        variables.RemoveRange(known, variables.Count - known);
        return (pipeline, body, otherwise);
    }

    private TemplateNode ReadShared()
    {
        if (++depth > MaxDepth)
        {
            throw Error($"more than {MaxDepth} actions in actions");
        }
        var node = ReadAction();
        depth--;
        return node;
    }

    private TemplateNode.Else ReadElse()
    {
        SkipSpace();
        return Current.Kind is TokenKind.If or TokenKind.With
            ? new TemplateNode.Else(Current.Position)
            : new TemplateNode.Else(Expect(TokenKind.RightDelimiter, "else").Position);
    }

    private TemplateNode ReadJump(TemplateToken token)
    {
        var end = NextNonSpace();
        if (end.Kind is not TokenKind.RightDelimiter)
        {
            throw Unexpected(end, $"{{{{{token.Text}}}}}");
        }
        if (rangeDepth == 0)
        {
            throw Error($"{{{{{token.Text}}}}} outside {{{{range}}}}");
        }
        return token.Kind is TokenKind.Break
            ? new TemplateNode.Break(token.Position)
            : new TemplateNode.Continue(token.Position);
    }

    private TemplateNode.Call ReadBlock()
    {
        const string Context = "block clause";
        SkipSpace();
        var position = Current.Position;
        var name = ReadName(Context);
        var pipeline = ReadPipeline(Context, TokenKind.RightDelimiter);
        Define(name, ReadApart(Context));
        return new TemplateNode.Call(position, name, pipeline);
    }

    private TemplateNode.Call ReadCall()
    {
        const string Context = "template clause";
        SkipSpace();
        var position = Current.Position;
        var name = ReadName(Context);
        SkipSpace();
        if (Current.Kind is TokenKind.RightDelimiter)
        {
            next++;
            return new TemplateNode.Call(position, name, null);
        }
        return new TemplateNode.Call(position, name, ReadPipeline(Context, TokenKind.RightDelimiter));
    }

    private string ReadName(string context)
    {
        var token = NextNonSpace();
        return token.Kind is TokenKind.String ? Unquote(token) : throw Unexpected(token, context);
    }

    private TemplateToken Expect(TokenKind kind, string context)
    {
        var token = NextNonSpace();
        return token.Kind == kind ? token : throw Unexpected(token, context);
    }

    private TemplateToken NextNonSpace()
    {
        SkipSpace();
        var token = Current;
        next++;
        return token;
    }

    private void SkipSpace()
    {
        while (Current.Kind is TokenKind.Space)
        {
            next++;
        }
    }

    private TokenKind FollowingKind()
    {
        var index = next + 1;
        while (tokens[index].Kind is TokenKind.Space)
        {
            index++;
        }
        return tokens[index].Kind;
    }

    private string Unquote(TemplateToken token)
    {
        try
        {
            var text = new QuotedString(token.Text, 0).Read(out var end);
            return end == token.Text.Length ? text : throw Error("invalid syntax");
        }
        catch (ParseException)
        {
            throw Error("invalid syntax");
        }
    }

    private TemplateException Unexpected(TemplateToken token, string context)
    {
        if (token.Kind is not TokenKind.Error)
        {
            return Error($"unexpected {token} in {context}");
        }
        var isElsewhere = actionLine != 0 && actionLine != places.LineOf(token.Position);
        var action = token.Text.EndsWith(" action", StringComparison.Ordinal) ? "" : " in action";
        return Error(token.Text + (isElsewhere ? $"{action} started at {places.Name}:{actionLine}" : ""));
    }

    /// <summary>An error at the piece that was read last.</summary>
    private TemplateException Error(string problem) =>
        places.ParseError(tokens[Math.Clamp(next - 1, 0, tokens.Count - 1)].Position, problem);
}
