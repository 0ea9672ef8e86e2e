using Tributary.Model;

namespace Tributary.PromQL.Syntax;

/// <summary>Reads one selector, <c>name{label="value", …}</c>, as <c>match[]</c> carries it.</summary>
/// <remarks>
/// Grammar and error texts are those of Prometheus' metric selectors
/// (https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors). As in its query language,
/// <see cref="Parse"/> refuses a selector that selects everything or names the metric twice; <see cref="ParseAny"/> lets
/// both pass, as its <c>/federate</c> does.
/// </remarks>
public sealed class SelectorParser
{
    /// <summary>The longest selector, in UTF-16 units.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The most matchers in one selector.</summary>
    public const int MaxMatchers = TokenReader.MaxMatchers;

    private readonly TokenReader tokens;
    private readonly List<LabelMatcher> matchers = [];

    private SelectorParser(string text) => tokens = new TokenReader(text);

    /// <summary>The selector that <paramref name="text"/> spells.</summary>
    /// <exception cref="ParseException">It is none, is too long, or could match every series.</exception>
    public static VectorSelector Parse(string text)
    {
        var parser = new SelectorParser(text);
        if (parser.ParseAll() is { } name)
        {
            parser.CheckNamedOnce(name);
        }
        return parser.matchers.TrueForAll(matcher => matcher.MatchesEmpty)
            ? throw ParseException.OfWhole("match[] must contain at least one non-empty matcher")
            : new VectorSelector(parser.matchers);
    }

    /// <summary>The selector that <paramref name="text"/> spells; <c>{}</c> is every series.</summary>
    /// <exception cref="ParseException">It is none, or is too long.</exception>
    public static VectorSelector ParseAny(string text)
    {
        var parser = new SelectorParser(text);
        parser.ParseAll();
        return new VectorSelector(parser.matchers);
    }

    /// <summary>Reads all of the text.</summary>
    /// <returns>The metric name before the braces, if there is one.</returns>
    private Token? ParseAll()
    {
        if (tokens.Text.Length > MaxLength)
        {
            throw tokens.Error(0, $"selector is longer than {MaxLength} characters");
        }
        var first = tokens.Peek();
        if (first.IsMetricName)
        {
            tokens.Take();
            tokens.AddName(matchers, first, tokens.TextOf(first));
        }
        if (tokens.TryTake(TokenKind.LeftBrace))
        {
            tokens.ReadMatchers(matchers);
        }
        else if (!first.IsMetricName)
        {
            throw tokens.Unexpected(null);
        }
        return tokens.Peek().Kind != TokenKind.EndOfInput ? throw tokens.Unexpected(null)
            : first.IsMetricName ? first
            : null;
    }

    private void CheckNamedOnce(Token first)
    {
        foreach (var matcher in matchers.Skip(1))
        {
            if (string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal))
            {
                var names = $"{Quoting.Quote(tokens.TextOf(first))} or {Quoting.Quote(matcher.Value)}";
                throw tokens.Error(first.Start, $"metric name must not be set twice: {names}");
            }
        }
    }
}
