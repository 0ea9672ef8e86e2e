using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.PromQL.Syntax;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary promql</c>: what the parser makes of a query.</summary>
internal static class PromqlCommand
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints a query in another form.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="input">Has the query where the request has none.</param>
    /// <param name="output">Gets the other form.</param>
    /// <param name="error">Gets what is wrong with the query, and where.</param>
    /// <returns>0, or 1 when the query is not valid.</returns>
    public static async Task<int> RunAsync(PromqlRequest request, TextReader input, TextWriter output, TextWriter error)
    {
        var query = request.Query is null or "-" ? await ReadAsync(input) : request.Query;
        try
        {
            var expression = QueryParser.Parse(query, ParserOptions.All);
            await output.WriteLineAsync(Print(request, expression));
            return ExitCode.Done;
        }
        catch (ParseException exception)
        {
            await error.WriteLineAsync(exception.Message);
            await error.WriteAsync(Pointer(query, exception));
            return ExitCode.Failed;
        }
    }

    /// <summary>All of the input, or so much of it that the parser says that it is too long.</summary>
    private static async Task<string> ReadAsync(TextReader input)
    {
        var buffer = new char[QueryParser.MaxLength + 1];
        var count = await input.ReadBlockAsync(buffer);
        return new string(buffer, 0, count);
    }

    private static string Print(PromqlRequest request, Expression expression)
    {
        var isParse = request.Verb == PromqlRequest.ParseVerb;
        if (!request.Json)
        {
            return isParse ? Tree(expression) : ExpressionFormatter.Format(expression);
        }
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            if (isParse)
            {
                ExpressionJson.Write(json, expression);
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("query", ExpressionFormatter.Format(expression));
                json.WriteEndObject();
            }
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string Tree(Expression expression)
    {
        const int Shown = 100;
        var output = new StringBuilder();
        void Append(Expression part, int level)
        {
            var text = part.ToString();
            text = text.Length > Shown ? text[..Shown] + "…" : text;
            output.Append(level > 0 ? "\n" : "").Append(' ', 2 * level).Append($"{part.Type.DocumentedName()}: {text}");
            foreach (var child in part.Children)
            {
                Append(child, level + 1);
            }
        }
        Append(expression, 0);
        return output.ToString();
    }

    /// <summary>The line of the error, and below it a mark at its place; nothing for a place that cannot be shown.</summary>
    private static string Pointer(string query, ParseException exception)
    {
        const int MaxWidth = 200;
        if (exception.Line == 0)
        {
            return "";
        }
        var line = query.Split('\n')[exception.Line - 1].TrimEnd('\r');
        // Columns count bytes.
        var bytes = Encoding.UTF8.GetBytes(line);
        var before = Encoding.UTF8.GetString(bytes, 0, Math.Min(exception.Column - 1, bytes.Length));
        var blank = string.Concat(before.Select(c => c == '\t' ? '\t' : ' '));
        return line.Length > MaxWidth ? "" : $"{line}\n{blank}^\n";
    }
}
