using System.Text;
using System.Text.RegularExpressions;
using Tributary.Patterns;

namespace Tributary.Tests.Unit.Patterns;

public sealed class RandomPatternTests
{
    private const int Patterns = 300;
    private const int ValuesPerPattern = 40;
    private const int SmallBudget = 60;

    private static readonly string[] Units = ["a", "b", "ab", "ba", "c", "1", "-"];

    private static readonly string[] Atoms = [.. Units, ".", "[ab]", "[^a]", "[a-c]", "[0-9]", "(?i:A)", @"\-"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void IsMatch_WithAndWithoutFastPaths_AnswersTheSame(int seed)
    {
        var random = new Random(seed);
        var fast = 0;
        for (var i = 0; i < Patterns; i++)
        {
            var text = i % 2 == 0 ? Gaps(random) : Pattern(random, depth: 2);
            var quick = RePattern.Parse(text);
            var full = RePattern.Parse(text, fastPaths: false, PatternMachine.StateBudget);
            var small = RePattern.Parse(text, fastPaths: false, SmallBudget);
            for (var k = 0; k < ValuesPerPattern; k++)
            {
                var value = Value(random);
                var expected = full.IsMatch(value);
                Assert.True(quick.IsMatch(value, out var steps) == expected, $"{text} on {value}: fast");
                Assert.True(small.IsMatch(value) == expected, $"{text} on {value}: small budget");
                Assert.True(
                    !expected || value.StartsWith(quick.Prefix, StringComparison.Ordinal),
                    $"{text} on {value}"
                );
                fast += steps == 0 ? 1 : 0;
            }
            Assert.Equal(quick.IsMatch(""), quick.MatchesEmpty);
        }
        Assert.InRange(fast, Patterns * ValuesPerPattern / 4, Patterns * ValuesPerPattern);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void IsMatch_OnTheSyntaxThatBothShare_AnswersAsDotNet(int seed)
    {
        var random = new Random(seed);
        var matches = 0;
        for (var i = 0; i < Patterns; i++)
        {
            var text = Pattern(random, depth: 3);
            var ours = RePattern.Parse(text);
            var theirs = new Regex(
                $@"\A(?:{text})\z",
                RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant
            );
            for (var k = 0; k < ValuesPerPattern; k++)
            {
                var value = Value(random);
                var expected = theirs.IsMatch(value);
                Assert.True(ours.IsMatch(value) == expected, $"{text} on {value}: .NET says {expected}");
                matches += expected ? 1 : 0;
            }
        }
        Assert.InRange(matches, Patterns, Patterns * ValuesPerPattern);
    }

    private static string Value(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pick(random, Units)));

    private static string Gaps(Random random)
    {
        string[] parts = [.. Units, ".*", ".*", ".+", "..*", ".", "(.*)"];
        return string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pick(random, parts)));
    }

    private static string Pattern(Random random, int depth)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            text.Append(
                depth == 0 || random.Next(3) > 0 ? Pick(random, Atoms)
                : random.Next(2) == 0 ? $"({Pattern(random, depth - 1)}|{Pattern(random, depth - 1)})"
                : $"(?:{Pattern(random, depth - 1)}){Pick(random, ["*", "+", "?", "{2}", "{1,3}", "{0,2}"])}"
            );
        }
        return text.ToString();
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
