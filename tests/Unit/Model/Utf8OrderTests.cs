using System.Text;
using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class Utf8OrderTests
{
    private static readonly string[] Texts =
    [
        "",
        "a",
        "ab",
        "b",
        "Z",
        "_",
        "\u007f",
        "\u0080",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\U00010000",
        "\U0001F600",
        "\U0001F601",
        "\U0010FFFF",
        "a\ue000",
        "a\U0001F600",
    ];

    [Fact]
    public void Compare_EveryPair_IsTheOrderOfTheBytes()
    {
        foreach (var left in Texts)
        {
            foreach (var right in Texts)
            {
                var bytes = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
                Assert.Equal(Math.Sign(bytes), Math.Sign(Utf8Order.Compare(left, right)));
            }
        }
    }
}
