namespace Tributary.Templates;

/// <summary>A function of templates, or a method of a value.</summary>
/// <param name="Parameters">What it takes.</param>
/// <param name="Rest">What it takes behind that, as often as wanted; null for nothing.</param>
/// <param name="Run">Gets the arguments, of a method the value first, and the expansion.</param>
internal sealed record TemplateFunction(
    IReadOnlyList<TemplateParameter> Parameters,
    TemplateParameter? Rest,
    Func<object?[], TemplateEnvironment, object?> Run
);
