using System.Buffers;
using Tributary.Configuration.Advice;
using YamlDotNet.Core;

namespace Tributary.Configuration.Yaml;

/// <summary>Says what is wrong with text that is not YAML, and where.</summary>
internal static class YamlProblem
{
    /// <summary>What https://yaml.org/spec/1.1/#id868524 leaves out of the characters of a file.</summary>
    private static readonly SearchValues<char> Control = SearchValues.Create([
        .. Enumerable
            .Range(0, 0xa0)
            .Where(c => c is < ' ' and not ('\t' or '\n' or '\r') or >= 0x7f and not 0x85)
            .Select(c => (char)c),
        '\ufeff',
        '\ufffe',
        '\uffff',
    ]);

    public const string Tab = "the line is indented with a tab; YAML takes only spaces";

    /// <summary>The place of the first character that YAML does not allow, escaped or not; null without one.</summary>
    public static YamlMark? FirstControlCharacter(string text)
    {
        var at = text.AsSpan().IndexOfAny(Control);
        if (at < 0)
        {
            return null;
        }
        var before = text.AsSpan(0, at);
        return new YamlMark(before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }

    /// <summary>Adds the parser's error; where a line is indented with a tab, that line and what to do.</summary>
    /// <param name="text">The file.</param>
    /// <param name="lastRead">The line of the last part that was understood, from 1.</param>
    /// <param name="exception">What the parser says.</param>
    /// <param name="errors">Gets the error.</param>
    public static void Report(string text, int lastRead, YamlException exception, ErrorList errors)
    {
        var lines = text.Split('\n');
        // The parser gives the beginning of the file as the place of some errors about tabs.
        var isAboutTabs = exception.Message.Contains("tab", StringComparison.Ordinal);
        var first = isAboutTabs ? lastRead : (int)exception.Start.Line - 1;
        var last = isAboutTabs ? lines.Length : (int)exception.End.Line;
        for (var line = Math.Max(1, first); line <= Math.Min(last, lines.Length); line++)
        {
            var indentation = lines[line - 1].AsSpan();
            indentation = indentation[..^indentation.TrimStart(" \t").Length];
            if (indentation.Contains('\t'))
            {
                var column = indentation.IndexOf('\t') + 1;
                errors.Add(new YamlMark(line, column), Tab, Explanations.Tab);
                return;
            }
        }
        var place = new YamlMark((int)exception.Start.Line, (int)exception.Start.Column);
        var problem = Words.Clean(Words.StartLower(exception.Message.TrimEnd('.', ' ')));
        var written = place.Line > 0 && place.Line <= lines.Length ? lines[place.Line - 1] : "";
        errors.Add(place, $"not valid YAML: {problem}{Advice(written, problem)}");
    }

    /// <summary>What to do about a line that looks like a template's; empty where it does not.</summary>
    public static string TemplateAdvice(string line) =>
        line.Contains("{{", StringComparison.Ordinal) || line.Contains("{%", StringComparison.Ordinal)
            ? "; this is a template: fill it in first"
            : "";

    /// <summary>What to do about the mistakes that are made most.</summary>
    private static string Advice(string line, string problem)
    {
        if (TemplateAdvice(line) is { Length: > 0 } template)
        {
            return template;
        }
        return problem switch
        {
            _ when Has("escape character") => "; in double quotes write \\ twice, or use single quotes",
            _ when Has("cannot start any token") || Has("anchor or alias, found") => "; put the value in quotes",
            _ when Has("invalid mapping") => "; check indentation and colons; a value with ': ' in it needs quotes",
            _ when Has("did not find expected key") => "; check the indentation of this line and those before it",
            _ => "",
        };

        bool Has(string words) => problem.Contains(words, StringComparison.Ordinal);
    }
}
