using System.Text;
using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class LabelSetTests
{
    [Theory]
    [InlineData("a", "b", "a=\"b\"")]
    [InlineData("a", "\\ \" \n ä", "a=\"\\\\ \\\" \\n ä\"")]
    [InlineData("a.b", "c", "\"a.b\"=\"c\"")]
    [InlineData("1", "c", "\"1\"=\"c\"")]
    [InlineData("a\"b", "c", "\"a\\\"b\"=\"c\"")]
    public void Label_Text_IsAsTheFormatWritesIt(string name, string value, string text)
    {
        var label = new Label(name, value);
        Assert.Equal(text, Encoding.UTF8.GetString(label.Text));
        Assert.Equal(label, new Label(new string(name), new string(value)));
    }

    [Fact]
    public void Label_OfOtherNameOrValue_IsAnother()
    {
        var labels = new[] { new Label("a", "b"), new Label("a", "c"), new Label("b", "b"), new Label("a=\"b\"", "c") };
        Assert.Equal(labels.Length, labels.ToHashSet().Count);
    }

    [Fact]
    public void Of_AnyOrder_IsOneSetWithoutEmptyValues()
    {
        var set = LabelSet.Of("b", "1", "a", "2", "__name__", "m", "c", "");
        Assert.Equal("m{a=\"2\", b=\"1\"}", set.ToString());
        Assert.Equal(set, LabelSet.Of("__name__", "m", "a", "2", "b", "1"));
        Assert.Equal(set.GetHashCode(), LabelSet.Of("__name__", "m", "a", "2", "b", "1").GetHashCode());
        Assert.NotEqual(set, LabelSet.Of("__name__", "m", "a", "2"));
        Assert.Null(set.Get("c"));
    }

    [Fact]
    public void Of_ANameTwice_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => LabelSet.Of("a", "1", "a", "2"));
        Assert.Throws<ArgumentException>(() => LabelSet.FromSorted([new Label("b", "1"), new Label("a", "1")]));
    }

    [Theory]
    [InlineData("a=1", "a=1,b=1")]
    [InlineData("a=1,b=2", "a=2")]
    [InlineData("a=\ue000", "a=\U0001F600")]
    [InlineData("\ue000=2", "\U0001F600=1")]
    [InlineData("", "a=1")]
    public void CompareTo_LabelByLabel_APrefixFirst(string lower, string higher)
    {
        Assert.True(Parse(lower).CompareTo(Parse(higher)) < 0);
        Assert.True(Parse(higher).CompareTo(Parse(lower)) > 0);
        Assert.Equal(0, Parse(lower).CompareTo(Parse(lower)));
    }

    private static LabelSet Parse(string text) =>
        LabelSet.Of(text.Split(',', '=').Where(part => text.Length > 0).ToArray());
}
