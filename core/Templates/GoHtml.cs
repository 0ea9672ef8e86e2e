namespace Tributary.Templates;

/// <summary>What <c>safeHtml</c> gives: a text that functions of texts do not take.</summary>
/// <param name="Text">The text.</param>
internal sealed record GoHtml(string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
