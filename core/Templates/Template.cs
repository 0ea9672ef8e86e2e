namespace Tributary.Templates;

/// <summary>A label or annotation of an alerting rule with <c>{{ … }}</c>, parsed. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// The language is that of https://pkg.go.dev/text/template with Prometheus' functions. The variables <c>$labels</c>,
/// <c>$externalLabels</c>, <c>$externalURL</c> and <c>$value</c> are there from the beginning. A text has at most
/// <see cref="MaxTextLength"/> characters, and so has what it expands to.
/// </remarks>
public sealed class Template
{
    /// <summary>The longest template, in UTF-16 units.</summary>
    public const int MaxTextLength = TemplateEnvironment.MaxLength;

    /// <summary>What Prometheus puts in front of every template; places in its errors count it.</summary>
    private const string Prefix =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

    private readonly TemplatePlaces places;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>>? definitions;

    private Template(string text, string name)
    {
        Text = text;
        var whole = Prefix + text;
        places = new TemplatePlaces(name, whole, Prefix.Length);
        if (text.Length > MaxTextLength)
        {
            throw places.ParseError(Prefix.Length, $"the template is longer than {MaxTextLength} characters");
        }
        definitions = text.Contains("{{", StringComparison.Ordinal) ? TemplateParser.Parse(whole, places) : null;
    }

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
    public async ValueTask<string> ExpandAsync(TemplateContext context, CancellationToken cancellationToken)
    {
        if (definitions is null)
        {
            return Text;
        }
        var answers = new QueryAnswers();
        var environment = new TemplateEnvironment(context, answers);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Expanding waits for nothing: it ends where an answer is missing, and begins again with it.
            string query;
            try
            {
                return TemplateExecution.Run(definitions, places, environment);
            }
            catch (QueryNeededException needed)
            {
                query = needed.Query;
            }
            await answers.AskAsync(query, context, cancellationToken);
        }
    }
}
