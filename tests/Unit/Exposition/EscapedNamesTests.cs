using Tributary.Configuration;
using Tributary.Exposition;

namespace Tributary.Tests.Unit.Exposition;

public sealed class EscapedNamesTests
{
    [Theory]
    [InlineData("plain_name", "plain_name")]
    [InlineData("U__a_2e_b", "a.b")]
    [InlineData("U__a__b", "a_b")]
    [InlineData("U___1F600_x", "\U0001F600x")]
    [InlineData("U__a_2E_", "a.")]
    [InlineData("U__a_", "U__a_")]
    [InlineData("U__a_2e", "U__a_2e")]
    [InlineData("U__a_xy_", "U__a_xy_")]
    [InlineData("U__a_d800_", "U__a_d800_")]
    [InlineData("U__a_1234567_", "U__a_1234567_")]
    [InlineData("U__", "")]
    public void Unescape_TakesOnlyWhatIsWrittenRightly(string name, string expected) =>
        Assert.Equal(expected, EscapedNames.Unescape(name));

    [Theory]
    [InlineData("my.metric/ü_x")]
    [InlineData("\U0001F600")]
    [InlineData("1st name")]
    public void Unescape_IsTheReverseOfTheSchemeValues(string name) =>
        Assert.Equal(name, EscapedNames.Unescape(MetricNames.Escape(name, NameEscapingScheme.Values)));
}
