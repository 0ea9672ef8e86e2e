using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Selectors;

/// <summary>Random selectors over few labels and values, and label sets among which some are selected.</summary>
internal sealed class SelectorSamples(int seed)
{
    private static readonly string[] Names =
    [
        "x",
        "x_bucket",
        "x_sum",
        "x_count",
        "x_sum_sum",
        "y",
        "y_count",
        "xy",
        "job:x:rate",
    ];

    private static readonly string[] Values = ["a", "ab", "b", "ba", "1", "é", "a\nb"];

    private static readonly string[] Patterns =
    [
        "",
        "a",
        "a|b",
        "a.*",
        ".*b",
        ".+",
        ".*",
        "[ab]+",
        "[^a]*",
        "a?",
        "(?i)A.?",
        "a.b",
        "^(a|ab)$",
        "\\w",
    ];

    private static readonly string[] NamePatterns =
    [
        "x.*",
        ".+",
        "x|y",
        "x_(bucket|sum)",
        ".*_bucket",
        "job:.*",
        "[^x].*",
        "x_.+",
        "y(_.*)?",
        ".*[a-w]",
    ];

    private readonly Random random = new(seed);

    public VectorSelector Selector()
    {
        var matchers = new List<LabelMatcher>();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var label = Pick(["__name__", "a", "b", "le"]);
            var isName = string.Equals(label, "__name__", StringComparison.Ordinal);
            var @operator = (MatchOperator)random.Next(4);
            var isPattern = @operator is MatchOperator.Regex or MatchOperator.NotRegex;
            matchers.Add(
                new LabelMatcher(
                    label,
                    @operator,
                    isPattern ? Pick(isName ? NamePatterns : Patterns)
                        : isName ? Pick(Names)
                        : Pick([.. Values, ""])
                )
            );
        }
        return new VectorSelector(matchers);
    }

    public LabelSet Series() =>
        LabelSet.Of(
            new Label("__name__", Pick(Names)),
            new Label("a", Value()),
            new Label("b", Value()),
            new Label("le", Value())
        );

    private string Value() => random.Next(3) == 0 ? "" : Pick(Values);

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
