using System.Text;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>One piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">Where it begins, in UTF-16 units.</param>
/// <param name="Text">The piece as written; of an error what is wrong.</param>
internal readonly record struct TemplateToken(TokenKind Kind, int Position, string Text)
{
    private const int ShownBytes = 10;

    /// <summary>As errors show it.</summary>
    public override string ToString() =>
        Kind switch
        {
            TokenKind.End => "EOF",
            TokenKind.Error => Text,
            >= TokenKind.Block => $"<{Text}>",
            _ when Encoding.UTF8.GetByteCount(Text) > ShownBytes => Quoting.Quote(
                string.Concat(Text.EnumerateRunes().Take(ShownBytes))
            ) + "...",
            _ => Quoting.Quote(Text),
        };
}
