using Tributary.Model;

namespace Tributary.Templates;

/// <summary>What a template is expanded with: the alert, whose server it is, and how queries are answered.</summary>
public sealed record TemplateContext
{
    /// <summary><c>$labels</c>: the labels of the series that the rule's query gave, the metric name included.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary><c>$externalLabels</c>.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary><c>$externalURL</c>: where people reach this server; an empty text where nobody does.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary><c>$value</c>: the float that the rule's query gave; of no account where there is a histogram.</summary>
    public double Value { get; init; }

    /// <summary><c>$value</c> where the query gave a histogram.</summary>
    public Histogram? Histogram { get; init; }

    /// <summary>The time of the evaluation, milliseconds since the epoch: what <c>now</c> gives.</summary>
    public long TimeMs { get; init; }

    /// <summary>
    /// Answers <c>query</c> at the time of the evaluation. What it throws becomes the template's error, with its message;
    /// without it there are no queries.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<IReadOnlyList<TemplateSample>>>? Query { get; init; }
}
