using System.Buffers;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Notation;

/// <summary>A series and its values as tests write them: <c>up{job="a"} 1+0x5 _ stale</c>.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series</remarks>
/// <param name="Labels">The series.</param>
/// <param name="Values">What follows, repetitions written out.</param>
internal sealed record SeriesNotation(LabelSet Labels, IReadOnlyList<NotedValue> Values)
{
    /// <summary>Errors show no more code points of what they are about.</summary>
    public const int MaxShown = 60;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    );

    /// <summary>Reads a series with its values behind it.</summary>
    /// <exception cref="NotationException">It is none.</exception>
    public static SeriesNotation Parse(string text)
    {
        var labels = ParseLabels(text, out var end);
        return new SeriesNotation(labels, ValueNotation.Parse(text, end));
    }

    /// <summary>Reads a series that has to be the whole text; an empty one is the series without labels.</summary>
    /// <exception cref="NotationException">It is none.</exception>
    public static LabelSet ParseLabels(string text)
    {
        var labels = ParseLabels(text, out var end);
        return string.IsNullOrWhiteSpace(text[end..])
            ? labels
            : throw NotationException.At(end, $"{Quoting.Quote(text[end..], MaxShown)} behind the series");
    }

    /// <summary>Reads <c>name{label="value"}</c> or <c>{"name", label="value"}</c> from the start of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="end">Where what follows begins.</param>
    /// <exception cref="NotationException">There is none.</exception>
    public static LabelSet ParseLabels(string text, out int end)
    {
        var labels = new List<Label>();
        var at = 0;
        SkipBlanks(text, ref at);
        var open = text.AsSpan(at).IndexOfAny("{ \t@");
        end = open < 0 ? text.Length : at + open;
        if (end > at)
        {
            var name = text[at..end];
            labels.Add(
                IsMetricName(name)
                    ? new Label(LabelSet.MetricNameLabel, name)
                    : throw NotationException.At(at, $"{Quoting.Quote(name, MaxShown)} is not a metric name")
            );
        }
        SkipBlanks(text, ref end);
        if (end < text.Length && text[end] == '{' && !text.AsSpan(end).StartsWith("{{", StringComparison.Ordinal))
        {
            end++;
            ReadLabels(text, ref end, labels);
        }
        try
        {
            return LabelSet.Of(labels);
        }
        catch (ArgumentException exception)
        {
            throw new NotationException(exception.Message, exception);
        }
    }

    /// <summary>Moves behind white space.</summary>
    public static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\n' or '\r')
        {
            at++;
        }
    }

    private static void ReadLabels(string text, ref int at, List<Label> labels)
    {
        while (true)
        {
            SkipBlanks(text, ref at);
            if (at < text.Length && text[at] == '}')
            {
                at++;
                return;
            }
            labels.Add(ReadLabel(text, ref at));
            SkipBlanks(text, ref at);
            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
            else if (at >= text.Length || text[at] != '}')
            {
                throw NotationException.At(at, "expected , or } behind a label");
            }
        }
    }

    private static Label ReadLabel(string text, ref int at)
    {
        string name;
        if (at < text.Length && text[at] is '"' or '\'' or '`')
        {
            name = ReadText(text, ref at);
            SkipBlanks(text, ref at);
            if (at < text.Length && text[at] is ',' or '}')
            {
                return new Label(LabelSet.MetricNameLabel, name);
            }
        }
        else
        {
            var length = text.AsSpan(at).IndexOfAnyExcept(LabelCharacters);
            name = length < 0 ? text[at..] : text.Substring(at, length);
            if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            {
                throw NotationException.At(at, "expected the name of a label");
            }
            at += name.Length;
            SkipBlanks(text, ref at);
        }
        if (at >= text.Length || text[at] != '=')
        {
            throw NotationException.At(at, "expected = behind the name of a label");
        }
        at++;
        SkipBlanks(text, ref at);
        return at < text.Length && text[at] is '"' or '\'' or '`'
            ? new Label(name, ReadText(text, ref at))
            : throw NotationException.At(at, "expected the value of a label, in quotes");
    }

    private static string ReadText(string text, ref int at)
    {
        try
        {
            return new QuotedString(text, at).Read(out at);
        }
        catch (ParseException exception)
        {
            throw new NotationException(exception.Message, exception);
        }
    }

    private static bool IsMetricName(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');
}
