using System.Text;

namespace Tributary.Templates;

/// <summary>What errors call a template, and where in it they say that they are.</summary>
/// <param name="name">The name.</param>
/// <param name="text">The text, with the definitions that stand in front of every template.</param>
/// <param name="prefixLength">The length of those, which have no line end.</param>
internal sealed class TemplatePlaces(string name, string text, int prefixLength)
{
    /// <summary>What errors call the template.</summary>
    public string Name => name;

    /// <summary>The line of a position, from 1.</summary>
    public int LineOf(int position) => 1 + text.AsSpan(0, position).Count('\n');

    /// <summary>An error of the text.</summary>
    public TemplateException ParseError(int position, string problem) =>
        new($"template: {name}:{LineOf(position)}: {problem}", LineOf(position), ColumnOf(position));

    /// <summary>An error while the template is expanded.</summary>
    /// <param name="position">Where.</param>
    /// <param name="template">Which of the templates in the text.</param>
    /// <param name="what">The piece that failed, as it prints itself.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="inner">The cause, if another.</param>
    public TemplateException ExecutionError(
        int position,
        string template,
        string what,
        string problem,
        Exception? inner = null
    ) =>
        new(
            $"error executing template {name}: template: {name}:{LineOf(position)}:{BytesBefore(position)}: "
                + $"executing {PromQL.Syntax.Quoting.Quote(template)} at <{what}>: {problem}",
            LineOf(position),
            ColumnOf(position),
            inner
        );

    /// <summary>The column in the template as it was written, from 1.</summary>
    private int ColumnOf(int position) =>
        1 + BytesBefore(position) - (LineOf(position) == 1 ? Math.Min(prefixLength, BytesBefore(position)) : 0);

    private int BytesBefore(int position)
    {
        var line = text.AsSpan(0, position);
        return Encoding.UTF8.GetByteCount(line[(line.LastIndexOf('\n') + 1)..]);
    }
}
