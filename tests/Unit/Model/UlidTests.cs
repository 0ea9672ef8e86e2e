using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class UlidTests
{
    [Theory]
    [InlineData("00000000000000000000000000", 0L)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1469922850259L)]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 281474976710655L)]
    public void Parse_Text_RoundTrips(string text, long timeMs)
    {
        Assert.True(Ulid.TryParse(text, out var ulid));
        Assert.Equal(timeMs, ulid.TimeMs);
        Assert.Equal(text, ulid.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAVV")]
    [InlineData("01arz3ndektsv4rrffq69g5fav")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAI")]
    [InlineData("80000000000000000000000000")]
    [InlineData("/1ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public void Parse_AnythingElse_IsRefused(string? text) => Assert.False(Ulid.TryParse(text, out _));

    [Fact]
    public void Order_IsThatOfTheText()
    {
        var random = new Random(1);
        var ulids = Enumerable
            .Range(0, 200)
            .Select(_ => new Ulid(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())))
            .ToList();
        Assert.Equal(
            ulids.Order().Select(ulid => ulid.ToString()),
            ulids.Select(u => u.ToString()).Order(StringComparer.Ordinal)
        );
    }
}
