namespace Tributary.Templates;

/// <summary>A label or annotation of an alerting rule with <c>{{ … }}</c>, parsed. Immutable; safe for concurrent use.</summary>
public sealed class Template
{
    private readonly string name;

    private Template(string text, string name) => (Text, this.name) = (text, name);

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What errors call it: <c>__alert_</c> and the name of the alert for those of rules.</param>
    /// <exception cref="TemplateException">The text is no template.</exception>
    public static Template Parse(string text, string name = "template") => new(text, name);

    /// <summary>Expands the template.</summary>
    /// <param name="context">What it is expanded with.</param>
    /// <param name="cancellationToken">Ends the expansion and its queries.</param>
    /// <exception cref="TemplateException">
    /// It cannot be expanded; Prometheus then takes <c>&lt;error expanding template: MESSAGE&gt;</c> for the text.
    /// </exception>
    public ValueTask<string> ExpandAsync(TemplateContext context, CancellationToken cancellationToken) =>
        Text.Contains("{{", StringComparison.Ordinal)
            ? throw new TemplateException($"error executing template {name}: actions are not expanded yet", 0, 0)
            : ValueTask.FromResult(Text);
}
