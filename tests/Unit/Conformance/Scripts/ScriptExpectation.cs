using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>What an annotation or an error of a query has to say.</summary>
/// <param name="Kind"><c>fail</c>, <c>warn</c>, <c>info</c>, <c>no_warn</c>, <c>no_info</c> or <c>ordered</c>.</param>
/// <param name="Message">The whole text, if that is asked for.</param>
/// <param name="Pattern">A pattern that it contains, if that is asked for.</param>
internal sealed record ScriptExpectation(string Kind, string? Message, Regex? Pattern)
{
    private static readonly string[] Kinds = ["fail", "warn", "info", "no_warn", "no_info", "ordered"];

    /// <summary>Reads what stands behind <c>expect</c>.</summary>
    public static ScriptExpectation Parse(string text)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        var kind = blank < 0 ? text : text[..blank];
        var rest = blank < 0 ? "" : text[blank..].Trim();
        if (!Kinds.Contains(kind))
        {
            throw new FormatException($"unknown expectation: {text}");
        }
        if (rest.Length == 0)
        {
            return new ScriptExpectation(kind, null, null);
        }
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var value = rest[(colon + 1)..].Trim();
        return rest[..Math.Max(colon, 0)] switch
        {
            "msg" => new ScriptExpectation(kind, value, null),
            "regex" => new ScriptExpectation(kind, null, new Regex(value, RegexOptions.NonBacktracking)),
            _ => throw new FormatException($"neither msg nor regex: {text}"),
        };
    }

    /// <summary>Whether a text is what is expected.</summary>
    public bool Matches(string text) => Message is not null ? Message == text : Pattern?.IsMatch(text) ?? true;

    /// <inheritdoc/>
    public override string ToString() => Message ?? Pattern?.ToString() ?? "any";
}
