using System.Runtime.CompilerServices;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Templates;

namespace Tributary.Rules;

/// <summary>Expands the labels and annotations of alerts.</summary>
/// <param name="settings">What templates are expanded with.</param>
internal sealed class AlertTexts(RuleSettings settings)
{
    private readonly ConditionalWeakTable<RuleConfig, Parsed> rules = [];

    /// <summary>The labels that a rule gives an alert, and its annotations.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="found">What its query gave.</param>
    /// <param name="tickMs">The time of the evaluation.</param>
    /// <param name="queries">Answers queries of templates.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public async Task<(IReadOnlyList<Label> Labels, IReadOnlyList<Label> Annotations)> ExpandAsync(
        RuleConfig rule,
        RuleSample found,
        long tickMs,
        QueryEngine queries,
        CancellationToken cancellationToken
    )
    {
        var parsed = rules.GetValue(rule, static rule => new Parsed(rule));
        var context = new TemplateContext
        {
            Labels = found.Labels,
            ExternalLabels = settings.ExternalLabels,
            ExternalUrl = settings.ExternalUrl,
            Value = found.Histogram is null ? found.Value : 0,
            Histogram = found.Histogram,
            TimeMs = tickMs,
            Query = async (text, token) =>
                [
                    .. (await RuleQuery.AskAsync(queries, text, tickMs, token)).Select(sample => new TemplateSample(
                        sample.Labels,
                        sample.Value,
                        sample.Histogram
                    )),
                ],
        };
        return (
            await ExpandAsync(rule.Labels, parsed.Labels, context, cancellationToken),
            await ExpandAsync(rule.Annotations, parsed.Annotations, context, cancellationToken)
        );
    }

    private static async Task<IReadOnlyList<Label>> ExpandAsync(
        IReadOnlyList<Label> texts,
        Template?[] templates,
        TemplateContext context,
        CancellationToken cancellationToken
    )
    {
        var expanded = new Label[texts.Count];
        for (var i = 0; i < expanded.Length; i++)
        {
            expanded[i] = templates[i] is { } template
                ? new Label(texts[i].Name, await ExpandAsync(template, context, cancellationToken))
                : texts[i];
        }
        return expanded;
    }

    private static async Task<string> ExpandAsync(
        Template template,
        TemplateContext context,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await template.ExpandAsync(context, cancellationToken);
        }
        catch (TemplateException exception)
        {
            return $"<error expanding template: {exception.Message}>";
        }
    }

    /// <summary>The templates of a rule, by position; null where a text has no action.</summary>
    private sealed class Parsed(RuleConfig rule)
    {
        public Template?[] Labels { get; } = Parse(rule, rule.Labels);

        public Template?[] Annotations { get; } = Parse(rule, rule.Annotations);

        private static Template?[] Parse(RuleConfig rule, IReadOnlyList<Label> texts) =>
            [
                .. texts.Select(text =>
                    ResultLabels.IsTemplate(text.Value) ? Template.Parse(text.Value, $"__alert_{rule.Alert}") : null
                ),
            ];
    }
}
