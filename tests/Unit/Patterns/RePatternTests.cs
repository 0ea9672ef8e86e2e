using Tributary.Patterns;

namespace Tributary.Tests.Unit.Patterns;

public sealed class RePatternTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("foo", "foo")]
    [InlineData("^foo$", "foo")]
    [InlineData("(?m)^foo$", "foo")]
    [InlineData(@"\Qa.*b\E", "a.*b")]
    [InlineData(@"10\.0\.0\.1", "10.0.0.1")]
    [InlineData("GET|POST|PUT", "GET,POST,PUT")]
    [InlineData("^(GET|POST)$", "GET,POST")]
    [InlineData("^a|b$", "a,b")]
    [InlineData("|a", ",a")]
    [InlineData("a?", ",a")]
    [InlineData("(foo|ba[rz])", "bar,baz,foo")]
    [InlineData("[ab][cd]", "ac,ad,bc,bd")]
    [InlineData("(?i)ab", "AB,Ab,aB,ab")]
    [InlineData("a{2,3}", "aa,aaa")]
    [InlineData("(a|b){2}", "aa,ab,ba,bb")]
    [InlineData("a|a", "a")]
    [InlineData("[😀-😂]", "😀,😁,😂")]
    [InlineData("[0-9]{2}x?y*", null)]
    [InlineData("[a-d]{4}", "256")]
    [InlineData("[a-d]{4}|e", "257")]
    [InlineData("[a-q][a-q]", null)]
    [InlineData("foo.*", null)]
    [InlineData("a^b", null)]
    [InlineData(@"a\b", null)]
    public void Literals_WhenThePatternEnumeratesTexts_AreAllOfThem(string pattern, string? expected)
    {
        var literals = RePattern.Parse(pattern).Literals;
        var isCount = int.TryParse(expected, out var count);
        Assert.Equal(isCount ? count : expected?.Split(',').Length, literals?.Count);
        if (!isCount && expected is not null)
        {
            Assert.Equal(expected.Split(',').Order(StringComparer.Ordinal), literals!.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Literals_OfAClassThatNothingIsIn_AreNone() =>
        Assert.Empty(RePattern.Parse(@"a[^\x00-\x{10FFFF}]").Literals!);

    [Fact]
    public void Literals_OfManyAlternatives_AreKept()
    {
        var names = Enumerable.Range(0, 10_000).Select(i => $"pod-{i}").ToList();
        var pattern = RePattern.Parse(string.Join('|', names));
        Assert.Equal(names.Count, pattern.Literals!.Count);
        Assert.Equal("pod-", pattern.Prefix);
        Assert.True(pattern.IsMatch("pod-9999"));
        Assert.False(pattern.IsMatch("pod-10000"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("foo", "foo")]
    [InlineData("foo.*", "foo")]
    [InlineData("^foo.*", "foo")]
    [InlineData("(foo)bar[0-9]+", "foobar")]
    [InlineData("foo(bar|baz).*", "fooba")]
    [InlineData("(foo|foobar)x+", "foo")]
    [InlineData("(foo|bar)x+", "")]
    [InlineData("fo*", "f")]
    [InlineData("(?:ab)+c", "ab")]
    [InlineData("(?:ab){1}c+", "abc")]
    [InlineData("a{3}b*", "a")]
    [InlineData(@"foo\b.*", "foo")]
    [InlineData("(?i)foo.*", "")]
    [InlineData("(😀|😁).*", "")]
    [InlineData(".*foo", "")]
    public void Prefix_IsWhatEveryMatchBeginsWith(string pattern, string expected) =>
        Assert.Equal(expected, RePattern.Parse(pattern).Prefix);

    [Theory]
    [InlineData(".*", true, false)]
    [InlineData("^.*$", true, false)]
    [InlineData("(.*)", true, false)]
    [InlineData("(?:.*)(.*)", true, false)]
    [InlineData(@"[\s\S]*", true, false)]
    [InlineData(".{0,}", true, false)]
    [InlineData(".+", false, true)]
    [InlineData("..*", false, true)]
    [InlineData("(.+)", false, true)]
    [InlineData("..+", false, false)]
    [InlineData("(?-s).*", false, false)]
    [InlineData("(?-s).+", false, false)]
    [InlineData(".?", false, false)]
    [InlineData("a.*", false, false)]
    public void MatchesEverythingAndNonEmpty_AreSeenInTheirUsualSpellings(
        string pattern,
        bool everything,
        bool nonEmpty
    )
    {
        var parsed = RePattern.Parse(pattern);
        Assert.Equal((everything, nonEmpty), (parsed.MatchesEverything, parsed.MatchesNonEmpty));
        Assert.Equal(parsed.IsMatch(""), parsed.MatchesEmpty);
        Assert.True(!(everything || nonEmpty) || parsed.IsMatch("a\n😀"));
    }

    [Theory]
    [InlineData("a(b", 0, "missing closing )")]
    [InlineData("ab)c", 2, "unexpected )")]
    [InlineData("ab[c", 2, "missing closing ]")]
    [InlineData("ab[c[:foo:]]", 4, "invalid character class range")]
    [InlineData("ab[x-zd-c]", 6, "invalid character class range")]
    [InlineData("ab**", 2, "invalid nested repetition operator")]
    [InlineData("ab|*", 3, "missing argument to repetition operator")]
    [InlineData("ab{1001}", 2, "invalid repeat count")]
    [InlineData(@"ab\e", 2, "invalid escape sequence")]
    [InlineData("ab(?x)", 2, "invalid or unsupported Perl syntax")]
    [InlineData("ab(?P<c d>e)", 2, "invalid named capture")]
    [InlineData("ab(?<c d>e)", 2, "invalid named capture")]
    [InlineData(@"😀\p{Klingon}", 2, "invalid character class range")]
    [InlineData("ab\\", 3, "trailing backslash at end of expression")]
    public void Parse_Refused_SaysWhereAndWhy(string pattern, int position, string problem)
    {
        var exception = Assert.Throws<PatternException>(() => RePattern.Parse(pattern));
        Assert.Equal((position, problem), (exception.Position, exception.Problem));
        Assert.StartsWith($"error parsing regexp: {problem}: `", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_HalfOfASurrogatePair_IsRefusedAtItsPlace()
    {
        var exception = Assert.Throws<PatternException>(() => RePattern.Parse("a\ud83d-b"));
        Assert.Equal((1, "invalid UTF-8"), (exception.Position, exception.Problem));
    }

    [Fact]
    public void Parse_LongPattern_IsRefusedWithAShortMessage()
    {
        var exception = Assert.Throws<PatternException>(() => RePattern.Parse("(" + new string('a', 100_000)));
        Assert.True(exception.Message.Length < 2000, "the message repeats the pattern");
    }

    [Theory]
    [InlineData("(?<n>a)(?P<m>b)", "ab")]
    [InlineData("(?<n>a)|(?<n>b)", "b")]
    public void Parse_NamedGroupsOfNewerGo_AreAccepted(string pattern, string value) =>
        Assert.True(RePattern.Parse(pattern).IsMatch(value));

    [Fact]
    public void Syntax_KeepsGroupsWithNumbersAndNames()
    {
        var concat = Assert.IsType<PatternNode.Concat>(RePattern.Parse("(a)(?:b)(?P<name>c(d))").Syntax);
        Assert.Equal(
            [(1, null), (2, "name")],
            concat.Parts.OfType<PatternNode.Capture>().Select(c => (c.Index, c.Name))
        );
    }

    [Fact]
    public void IsMatch_FromManyThreads_AnswersAsFromOne()
    {
        const string Text = "(a|b)*a(a|b){6}|.*k[0-9]+";
        string[] values =
        [
            .. Enumerable.Range(0, 512).Select(i => Convert.ToString(i, 2).Replace('0', 'a').Replace('1', 'b')),
        ];
        var alone = RePattern.Parse(Text);
        bool[] expected = [.. values.Select(alone.IsMatch)];
        var shared = RePattern.Parse(Text, fastPaths: true, stateBudget: 2_000);
        Parallel.For(
            0,
            8 * values.Length,
            i => Assert.Equal(expected[i % values.Length], shared.IsMatch(values[i % values.Length]))
        );
        Assert.Contains(true, expected);
        Assert.Contains(false, expected);
    }
}
