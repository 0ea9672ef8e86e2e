namespace Tributary.Templates;

/// <summary>A function in a template failed; whoever called it says where.</summary>
/// <param name="message">Why, as Prometheus words it.</param>
internal sealed class TemplateFunctionException(string message) : Exception(message);
