namespace Tributary.Functions.Endpoints;

/// <summary>
/// Takes apart what the Functions host makes of repeated parameters when it forwards a request:
/// <c>match[]=a&amp;match[]=b</c> comes as <c>match[]=a,b</c>.
/// </summary>
/// <remarks>A selector has commas only in braces and in quotes, so that every other one is of the host.</remarks>
internal static class JoinedSelectors
{
    /// <summary>The selectors of one value; the value itself when braces or quotes do not end, for the parser to refuse.</summary>
    public static IEnumerable<string> Split(string value)
    {
        var parts = new List<string>();
        var (start, depth, quote) = (0, 0, '\0');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (quote != '\0')
            {
                // Backticks know no escapes.
                i += c == '\\' && quote != '`' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'' or '`')
            {
                quote = c;
            }
            else if (c is '{' or '}')
            {
                depth += c == '{' ? 1 : -1;
            }
            else if (c == ',' && depth == 0)
            {
                parts.Add(value[start..i]);
                start = i + 1;
            }
        }
        parts.Add(value[start..]);
        return depth == 0 && quote == '\0' ? parts : [value];
    }
}
