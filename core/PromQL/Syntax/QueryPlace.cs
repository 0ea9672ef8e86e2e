using System.Globalization;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>A place in a query as people are told it; 0:0 in an empty query, which has no place.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-8 bytes.</param>
internal readonly record struct QueryPlace(int Line, int Column)
{
    /// <summary>The place of an offset in UTF-16 units.</summary>
    public static QueryPlace Of(string query, int offset)
    {
        if (query.Length == 0)
        {
            return default;
        }
        var before = query.AsSpan(0, offset);
        var line = before.Count('\n') + 1;
        return new QueryPlace(line, Encoding.UTF8.GetByteCount(before[(before.LastIndexOf('\n') + 1)..]) + 1);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Line == 0 ? "unknown position" : string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}");
}
