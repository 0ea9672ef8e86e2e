using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.PromQL.Values;

public sealed class AnnotationSetTests
{
    [Fact]
    public void Texts_AreToldOnce_WithTheRightmostPlace()
    {
        var set = new AnnotationSet("é +\n ab");
        set.Warn("w", 6);
        set.Warn("w", 0);
        set.Info("i", 2);
        Assert.Equal(["PromQL warning: w (2:3)"], set.Warnings());
        Assert.Equal(["PromQL info: i (1:4)"], set.Infos());
    }

    [Fact]
    public void More_ThanShown_AreCounted()
    {
        var set = new AnnotationSet("query");
        for (var i = 0; i < 13; i++)
        {
            set.Info($"{i:00}", 0);
        }
        var infos = set.Infos();
        Assert.Equal(11, infos.Count);
        Assert.Equal("3 more info annotations omitted", infos[^1]);
        Assert.Equal(13, set.Infos(max: 0).Count);
    }

    [Fact]
    public void Repairs_OfOneText_AreToldAsOne()
    {
        var set = new AnnotationSet("query");
        set.ForcedMonotonicity("h", 0, new MonotonicityRepair(2_000, 2_000, 1, 1, 0.125));
        set.ForcedMonotonicity("h", 0, new MonotonicityRepair(1_000, 1_000, 0.5, 5, 3));
        var text = Assert.Single(set.Infos());
        Assert.EndsWith(
            " for metric name \"h\", from buckets 0.5 to 5, with a max diff of 3, over 2 samples "
                + "from 1970-01-01T00:00:01Z to 1970-01-01T00:00:02Z (1:1)",
            text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(3, " (3 occurrences)")]
    public void Overlaps_AreCounted(int count, string expected)
    {
        var set = new AnnotationSet("query");
        set.StartTimeOverlap("m", 0, count);
        Assert.Equal(
            $"PromQL warning: sample has start time that overlaps with previous sample timestamp for metric \"m\"{expected} (1:1)",
            Assert.Single(set.Warnings())
        );
    }

    [Theory]
    [InlineData(0.123, "0.12")]
    [InlineData(12.6, "13")]
    [InlineData(125, "1.2e+02")]
    [InlineData(100, "1e+02")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(9.99, "10")]
    [InlineData(1.0, "1")]
    public void TwoDigits_AreGos(double value, string expected) =>
        Assert.Equal(expected, AnnotationTexts.TwoDigits(value));
}
