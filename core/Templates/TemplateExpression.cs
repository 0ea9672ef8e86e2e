namespace Tributary.Templates;

/// <summary>What stands in an action. Each prints itself as Prometheus' errors show it.</summary>
/// <param name="Position">Where errors say it is, in UTF-16 units.</param>
internal abstract record TemplateExpression(int Position)
{
    /// <summary>Commands, the value of each handed to the next, and the variables that take the last one.</summary>
    internal sealed record Pipeline(
        int Position,
        IReadOnlyList<Variable> Declared,
        bool IsAssignment,
        IReadOnlyList<Command> Commands
    ) : TemplateExpression(Position)
    {
        public override string ToString() =>
            (Declared.Count > 0 ? string.Join(", ", Declared) + (IsAssignment ? " = " : " := ") : "")
            + string.Join(" | ", Commands);
    }

    /// <summary>A value, or a function or method with its arguments.</summary>
    internal sealed record Command(int Position, IReadOnlyList<TemplateExpression> Parts) : TemplateExpression(Position)
    {
        public override string ToString() => string.Join(' ', Parts.Select(Inner));
    }

    /// <summary><c>.a.b</c>.</summary>
    internal sealed record Field(int Position, IReadOnlyList<string> Names) : TemplateExpression(Position)
    {
        public override string ToString() => string.Concat(Names.Select(name => "." + name));
    }

    /// <summary><c>$x.a.b</c>; the first name has the <c>$</c>.</summary>
    internal sealed record Variable(int Position, IReadOnlyList<string> Names) : TemplateExpression(Position)
    {
        public override string ToString() => string.Join('.', Names);
    }

    /// <summary>Fields of what stands in parentheses, or of a function's value.</summary>
    internal sealed record Chain(int Position, TemplateExpression Of, IReadOnlyList<string> Names)
        : TemplateExpression(Position)
    {
        public override string ToString() => Inner(Of) + string.Concat(Names.Select(name => "." + name));
    }

    /// <summary><c>.</c>.</summary>
    internal sealed record Dot(int Position) : TemplateExpression(Position)
    {
        public override string ToString() => ".";
    }

    /// <summary>The name of a function.</summary>
    internal sealed record Identifier(int Position, string Name) : TemplateExpression(Position)
    {
        public override string ToString() => Name;
    }

    /// <summary>A string, a number, a character, true, false or nil.</summary>
    internal sealed record Constant(int Position, string Text, object? Value) : TemplateExpression(Position)
    {
        public override string ToString() => Text;
    }

    private static string Inner(TemplateExpression part) => part is Pipeline ? $"({part})" : part.ToString();
}
