using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>A piece of a parsed template.</summary>
/// <param name="Position">Where errors say it is, in UTF-16 units.</param>
internal abstract record TemplateNode(int Position)
{
    /// <summary>Text that is copied.</summary>
    internal sealed record Text(int Position, string Value) : TemplateNode(Position);

    /// <summary>A value that is printed, unless variables take it.</summary>
    internal sealed record Action(int Position, TemplateExpression.Pipeline Pipeline) : TemplateNode(Position)
    {
        public override string ToString() => $"{{{{{Pipeline}}}}}";
    }

    /// <summary><c>if</c>.</summary>
    internal sealed record If(
        int Position,
        TemplateExpression.Pipeline Pipeline,
        IReadOnlyList<TemplateNode> Body,
        IReadOnlyList<TemplateNode>? Otherwise
    ) : TemplateNode(Position);

    /// <summary><c>with</c>.</summary>
    internal sealed record With(
        int Position,
        TemplateExpression.Pipeline Pipeline,
        IReadOnlyList<TemplateNode> Body,
        IReadOnlyList<TemplateNode>? Otherwise
    ) : TemplateNode(Position);

    /// <summary><c>range</c>.</summary>
    internal sealed record Range(
        int Position,
        TemplateExpression.Pipeline Pipeline,
        IReadOnlyList<TemplateNode> Body,
        IReadOnlyList<TemplateNode>? Otherwise
    ) : TemplateNode(Position);

    /// <summary><c>template</c>, and what <c>block</c> leaves at its place.</summary>
    internal sealed record Call(int Position, string Name, TemplateExpression.Pipeline? Pipeline)
        : TemplateNode(Position)
    {
        public override string ToString() =>
            $"{{{{template {Quoting.Quote(Name)}{(Pipeline is null ? "" : $" {Pipeline}")}}}}}";
    }

    /// <summary><c>break</c>.</summary>
    internal sealed record Break(int Position) : TemplateNode(Position);

    /// <summary><c>continue</c>.</summary>
    internal sealed record Continue(int Position) : TemplateNode(Position);

    /// <summary><c>end</c>; only while parsing.</summary>
    internal sealed record End(int Position) : TemplateNode(Position)
    {
        public override string ToString() => "{{end}}";
    }

    /// <summary><c>else</c>; only while parsing.</summary>
    internal sealed record Else(int Position) : TemplateNode(Position)
    {
        public override string ToString() => "{{else}}";
    }
}
