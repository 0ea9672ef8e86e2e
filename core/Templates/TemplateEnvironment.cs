namespace Tributary.Templates;

/// <summary>What functions know of the expansion that calls them.</summary>
/// <param name="Context">What the template is expanded with.</param>
/// <param name="Answers">The answers to its queries.</param>
internal sealed record TemplateEnvironment(TemplateContext Context, QueryAnswers Answers)
{
    /// <summary>The longest text that a template may give, in UTF-16 units.</summary>
    public const int MaxLength = 1 << 18;
}
