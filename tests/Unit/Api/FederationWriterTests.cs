using System.Buffers;
using System.Globalization;
using System.Text;
using Tributary.Api;
using Tributary.Model;

namespace Tributary.Tests.Unit.Api;

public sealed class FederationWriterTests
{
    [Fact]
    public void Write_SeriesOfTwoFamilies_HasOneTypeLineForEach()
    {
        Assert.Equal(
            """
            # TYPE go_threads untyped
            go_threads{instance="a:1",job="x"} 8 1700000000000
            # TYPE up untyped
            up{instance="a:1",job="x"} 1 1700000000000
            up{instance="b:1",job="x"} 0 1700000005000

            """,
            Write(
                [],
                Sample(8, 1700000000000, "__name__", "go_threads", "instance", "a:1", "job", "x"),
                Sample(1, 1700000000000, "__name__", "up", "instance", "a:1", "job", "x"),
                Sample(0, 1700000005000, "__name__", "up", "instance", "b:1", "job", "x")
            )
        );
    }

    [Fact]
    public void Write_ExternalLabels_FollowOwnOnesUnlessPresent()
    {
        Assert.Equal(
            """
            # TYPE m untyped
            m{cluster="own",zone="z",instance="",region="eu"} 1 5
            m{zone="z",cluster="ext",instance="",region="eu"} 1 5

            """,
            Write(
                ["region", "eu", "cluster", "ext"],
                Sample(1, 5, "__name__", "m", "cluster", "own", "zone", "z"),
                Sample(1, 5, "__name__", "m", "zone", "z")
            )
        );
    }

    [Fact]
    public void Write_ExternalInstance_TakesThePlaceOfTheEmptyOne()
    {
        Assert.Equal(
            """
            # TYPE m untyped
            m{instance="me"} 1 5
            m{instance="own"} 1 5
            m{instances="2",instance="me"} 1 5

            """,
            Write(
                ["instance", "me"],
                Sample(1, 5, "__name__", "m"),
                Sample(1, 5, "__name__", "m", "instance", "own"),
                Sample(1, 5, "__name__", "m", "instances", "2")
            )
        );
    }

    [Fact]
    public void Write_SeriesWithoutName_IsLeftOut()
    {
        Assert.Equal("", Write([], Sample(1, 5, "job", "x"), Sample(1, 5)));
    }

    [Fact]
    public void Write_NamesOutsideTheFormat_AreEscapedAndStayUnique()
    {
        Assert.Equal(
            """
            # TYPE http_requests untyped
            http_requests{http_status_="200",http_status="ok",le__="1",ext_label="e",instance=""} 3 5

            """,
            Write(
                ["ext.label", "e"],
                Sample(3, 5, "__name__", "http.requests", "http.status", "200", "http_status", "ok", "le:ß", "1")
            )
        );
    }

    [Fact]
    public void Write_ValuesAndTimes_AreAsPrometheusWritesThem()
    {
        Assert.Equal(
            "# TYPE m untyped\nm{a=\"\\\\\\\"\\n\",instance=\"\"} NaN -1\nm{a=\"b\",instance=\"\"} +Inf 0\n",
            Write(
                [],
                Sample(double.NaN, -1, "__name__", "m", "a", "\\\"\n"),
                Sample(double.PositiveInfinity, 0, "__name__", "m", "a", "b")
            )
        );
    }

    [Fact]
    public void Write_NameBehindUpperCaseLabel_IsStillTheMetricName()
    {
        Assert.Equal(
            "# TYPE m untyped\nm{A=\"1\",b=\"2\",instance=\"\"} 1 5\nm{A=\"2\",b=\"2\",instance=\"\"} 1 5\nm{b=\"2\",instance=\"\"} 1 5\n",
            Write(
                [],
                Sample(1, 5, "A", "1", "__name__", "m", "b", "2"),
                Sample(1, 5, "A", "2", "__name__", "m", "b", "2"),
                Sample(1, 5, "__name__", "m", "b", "2")
            )
        );
    }

    [Fact]
    public void WritePiece_ManySeries_KeepsPiecesBoundedAndTheTextWhole()
    {
        var samples = SharedLabelSeries(20_000);
        var external = new ExternalLabels(LabelSet.Of("region", "eu"));
        var writer = new FederationWriter(samples, external);
        var output = new ArrayBufferWriter<byte>();
        var sizes = new List<int>();
        for (var before = 0; writer.WritePiece(output); before = output.WrittenCount)
        {
            sizes.Add(output.WrittenCount - before);
        }
        Assert.InRange(sizes[0], 1, FederationWriter.FirstPieceBytes);
        Assert.All(sizes, size => Assert.InRange(size, 1, FederationWriter.PieceBytes));
        Assert.Equal(PlainText(samples), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void WritePiece_LineLongerThanAPiece_IsWrittenWhole()
    {
        var value = new string('x', FederationWriter.PieceBytes * 3);
        Assert.Equal(
            $"# TYPE m untyped\nm{{a=\"{value}\",instance=\"\"}} 1 5\n# TYPE n untyped\nn{{instance=\"\"}} 1 5\n",
            Write([], Sample(1, 5, "__name__", "m", "a", value), Sample(1, 5, "__name__", "n"))
        );
    }

    /// <summary>Series whose labels are shared objects, in every pattern of equal and different neighbours.</summary>
    private static List<LatestSample> SharedLabelSeries(int count)
    {
        var table = new LabelTable();
        var random = new Random(7);
        var samples = new List<LatestSample>();
        for (var i = 0; i < count; i++)
        {
            var labels = new List<Label> { table.Intern("__name__", $"m{i * 20 / count:00}") };
            foreach (var name in (string[])["B", "a", "instance", "le", "region", "z"])
            {
                if (random.Next(4) > 0)
                {
                    labels.Add(table.Intern(name, random.Next(3).ToString(CultureInfo.InvariantCulture)));
                }
            }
            samples.Add(new LatestSample(LabelSet.Of((IEnumerable<Label>)labels), 1_700_000_000_000 + i / 7, i));
        }
        return samples;
    }

    /// <summary>The same answer, written the slow and obvious way.</summary>
    private static string PlainText(IEnumerable<LatestSample> samples)
    {
        var text = new StringBuilder();
        foreach (var family in samples.GroupBy(sample => sample.Labels.MetricName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {family.Key} untyped\n");
            foreach (var sample in family)
            {
                var labels = sample
                    .Labels.Labels.ToArray()
                    .Where(label => label.Name is not "__name__")
                    .Select(label => label.ToString())
                    .ToList();
                labels.AddRange(sample.Labels.Get("instance") is null ? ["instance=\"\""] : []);
                labels.AddRange(sample.Labels.Get("region") is null ? ["region=\"eu\""] : []);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{family.Key}{{{string.Join(',', labels)}}} {sample.Value} {sample.TimestampMs}\n"
                );
            }
        }
        return text.ToString();
    }

    private static LatestSample Sample(double value, long timestampMs, params string[] labels) =>
        new(LabelSet.Of(labels), timestampMs, value);

    private static string Write(string[] external, params LatestSample[] samples)
    {
        var writer = new FederationWriter(samples, new ExternalLabels(LabelSet.Of(external)));
        var output = new ArrayBufferWriter<byte>();
        while (writer.WritePiece(output)) { }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
