using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>Query text is not valid. The message begins with the place, as Prometheus': <c>1:5: parse error: …</c>.</summary>
public sealed class ParseException : Exception
{
    private ParseException(string message, int line, int column, Exception? inner)
        : base(message, inner)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, from 1; 0 where the text is empty or the error has no place in it.</summary>
    public int Line { get; }

    /// <summary>The column in UTF-8 bytes, from 1; 0 as <see cref="Line"/>.</summary>
    public int Column { get; }

    /// <summary>An error at a position, in UTF-16 units, of <paramref name="text"/>.</summary>
    internal static ParseException At(string text, int offset, string problem, Exception? inner = null)
    {
        var place = QueryPlace.Of(text, offset);
        return new ParseException($"{place}: parse error: {problem}", place.Line, place.Column, inner);
    }

    /// <summary>An error of the text as a whole.</summary>
    internal static ParseException OfWhole(string problem) => new(problem, 0, 0, null);

    /// <summary>An error of a piece of the query that shows at its evaluation only; the message begins with both ends, in bytes.</summary>
    internal static ParseException OfRange(string query, PositionRange range, string problem)
    {
        var start = Encoding.UTF8.GetByteCount(query.AsSpan(0, range.Start));
        var end = Encoding.UTF8.GetByteCount(query.AsSpan(0, range.End));
        var place = QueryPlace.Of(query, range.Start);
        return new ParseException($"{start}:{end}: {problem}", place.Line, place.Column, null);
    }
}
