using Tributary.PromQL.Aggregations;

namespace Tributary.Tests.Unit.PromQL.Aggregations;

public sealed class LabelSetHashTests
{
    /// <summary>Values of the reference implementation, seed 0.</summary>
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void Compute_IsXxHash64(string text, ulong expected) =>
        Assert.Equal(expected, LabelSetHash.Compute(System.Text.Encoding.UTF8.GetBytes(text)));
}
