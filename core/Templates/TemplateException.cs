namespace Tributary.Templates;

/// <summary>A text is no template, or cannot be expanded. The message is Prometheus', with the template's name and place.</summary>
/// <param name="message">For people.</param>
/// <param name="line">The line in the text, from 1; 0 where the error has no place.</param>
/// <param name="column">The column in UTF-8 bytes, from 1; 0 where the error has none.</param>
/// <param name="inner">The cause, if another.</param>
public sealed class TemplateException(string message, int line, int column, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The line in the text, from 1; 0 where the error has no place.</summary>
    public int Line { get; } = line;

    /// <summary>The column in UTF-8 bytes, from 1; 0 where the error has none.</summary>
    public int Column { get; } = column;
}
