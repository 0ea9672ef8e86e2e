using System.Buffers;
using System.Text;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Tests.Unit.Exposition;

public sealed class TextFormatWriterTests
{
    [Fact]
    public void Family_WithHelp_EscapesIt()
    {
        Assert.Equal(
            "# HELP a_b one\\ntwo \\\\ \"three\"\n# TYPE a_b gauge\n",
            Written(writer => writer.WriteFamily("a.b", "gauge", "one\ntwo \\ \"three\""))
        );
    }

    [Fact]
    public void Sample_WithLabels_EscapesValues()
    {
        Assert.Equal(
            "m{a=\"1\",b=\"x\\\"y\\\\z\\n\"} 2.5\nm 1e+06\n",
            Written(writer =>
            {
                writer.WriteSample("m", 2.5, new Label("a", "1"), new Label("b", "x\"y\\z\n"));
                writer.WriteSample("m", 1_000_000);
            })
        );
    }

    [Theory]
    [InlineData("a:b_1", "a:b_1", "a_b_1")]
    [InlineData("http.requests", "http_requests", "http_requests")]
    [InlineData("1st", "_st", "_st")]
    [InlineData("größe", "gr__e", "gr__e")]
    [InlineData("😀", "_", "_")]
    public void Escape_Name_HasOneUnderscoreForEachForeignCodePoint(string name, string asMetric, string asLabel)
    {
        Assert.Equal(asMetric, MetricNames.EscapeMetricName(name));
        Assert.Equal(asLabel, MetricNames.EscapeLabelName(name));
    }

    [Theory]
    [InlineData("a:b", true, false)]
    [InlineData("_a1", true, true)]
    [InlineData("1a", false, false)]
    [InlineData("a-b", false, false)]
    [InlineData("", false, false)]
    public void IsLegacy_Name_IsDecidedByItsBytes(string name, bool asMetric, bool asLabel)
    {
        Assert.Equal(asMetric, MetricNames.IsLegacyMetricName(Encoding.UTF8.GetBytes(name)));
        Assert.Equal(asLabel, MetricNames.IsLegacyLabelName(Encoding.UTF8.GetBytes(name)));
    }

    private static string Written(Action<TextFormatWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new TextFormatWriter(output));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
