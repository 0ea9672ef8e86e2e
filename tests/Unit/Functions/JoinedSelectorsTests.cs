using Tributary.Functions.Endpoints;

namespace Tributary.Tests.Unit.Functions;

public sealed class JoinedSelectorsTests
{
    [Theory]
    [InlineData("up", "up")]
    [InlineData("", "")]
    [InlineData("up,down", "up", "down")]
    [InlineData("{a=\"b\",c=\"d\"},up", "{a=\"b\",c=\"d\"}", "up")]
    [InlineData("{a=\"}\"},{b='{,'},{c=`\\`}", "{a=\"}\"}", "{b='{,'}", "{c=`\\`}")]
    [InlineData("{a=\"\\\",\"},up", "{a=\"\\\",\"}", "up")]
    [InlineData("{\"a,b\"},c", "{\"a,b\"}", "c")]
    [InlineData("up,,down", "up", "", "down")]
    [InlineData("{a=\"b\",up", "{a=\"b\",up")]
    [InlineData("{a=\"b,up}", "{a=\"b,up}")]
    [InlineData("a},b", "a},b")]
    [InlineData("a\",b\\", "a\",b\\")]
    public void Split_Value_HasTheSelectorsThatWereJoined(string value, params string[] expected)
    {
        Assert.Equal(expected, JoinedSelectors.Split(value));
    }
}
