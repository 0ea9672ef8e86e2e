using System.Buffers;
using System.Text;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Tests.Unit.Model;

namespace Tributary.Tests.Unit.Api;

public sealed class FederatedHistogramTests
{
    private static readonly Histogram Custom = Histogram.OfIntegers(
        new HistogramLayout(HistogramLayout.CustomSchema, 0, [new BucketSpan(1, 2)], [], [0.5, 1, 2.5]),
        7,
        0,
        12.25,
        [3, 4]
    );

    [Fact]
    public void Text_CustomBuckets_AreAClassicHistogram_AndOthersAreLeftOut()
    {
        var samples = new[]
        {
            new LatestSample(LabelSet.Of("__name__", "m", "a", "1"), 5, 2),
            Sample("m", Custom, "a", "2"),
            Sample("m", Histograms.Integers(0, 1), "a", "3"),
            new LatestSample(LabelSet.Of("__name__", "m", "a", "4"), 5, 3),
        };
        Assert.Equal(
            """
            # TYPE m untyped
            m{a="1",instance="",region="eu"} 2 5
            # TYPE m histogram
            m_bucket{a="2",instance="",region="eu",le="0.5"} 0 5
            m_bucket{a="2",instance="",region="eu",le="1"} 3 5
            m_bucket{a="2",instance="",region="eu",le="2.5"} 7 5
            m_bucket{a="2",instance="",region="eu",le="+Inf"} 7 5
            m_sum{a="2",instance="",region="eu"} 12.25 5
            m_count{a="2",instance="",region="eu"} 7 5
            # TYPE m untyped
            m{a="4",instance="",region="eu"} 3 5

            """,
            Text(samples, NameEscapingScheme.Underscores)
        );
    }

    [Theory]
    [InlineData(NameEscapingScheme.Underscores, "my_metric_count{a_b=\"1\",instance=\"\",region=\"eu\"} 7 5")]
    [InlineData(NameEscapingScheme.AllowUtf8, "{\"my.metric_count\",\"a.b\"=\"1\",instance=\"\",region=\"eu\"} 7 5")]
    public void Text_NamesThatAreNotPlain_AreEscapedAsAsked(NameEscapingScheme scheme, string line)
    {
        var text = Text([Sample("my.metric", Custom, "a.b", "1")], scheme);
        Assert.Contains(line + "\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Protobuf_KindsOfOneName_AreFamiliesOfTheirOwn()
    {
        var gauge = Histograms.Integers(0, 1).With(CounterResetHint.Gauge);
        var body = Protobuf([
            new LatestSample(LabelSet.Of("__name__", "m", "a", "1"), 5, 2),
            Sample("m", gauge, "a", "2"),
            Sample("m", Histograms.Integers(0, 1), "a", "3"),
            Sample("m", Custom, "a", "4"),
            new LatestSample(LabelSet.Of("nameless", "x"), 5, 2),
            new LatestSample(LabelSet.Of("__name__", "n"), 5, 2),
        ]);
        // Untyped, gauge histogram, histogram (twice the same), untyped.
        Assert.Equal([("m", 3), ("m", 5), ("m", 4), ("n", 3)], Families(body));
    }

    [Fact]
    public void Protobuf_LargeFamily_GoesOnInAnotherOfItsName()
    {
        var samples = Enumerable
            .Range(0, 5000)
            .Select(i => new LatestSample(LabelSet.Of("__name__", "m", "number", $"{i:00000}"), 5, i))
            .ToList();
        var families = Families(Protobuf(samples));
        Assert.InRange(families.Count, 2, 10);
        Assert.All(families, family => Assert.Equal(("m", 3), family));
    }

    [Fact]
    public void Protobuf_WriterWithoutRoom_IsAskedForAsMuchAsIsNeeded()
    {
        var samples = new[] { Sample("m", Custom, "a", "1"), Sample("n", Custom, "a", "1") };
        var output = new TightWriter();
        var writer = new ProtobufFederationWriter(samples, External(NameEscapingScheme.AllowUtf8));
        while (writer.WritePiece(output)) { }
        Assert.Equal(Protobuf(samples), output.Written);
    }

    private static LatestSample Sample(string name, Histogram value, params string[] labels) =>
        new(LabelSet.Of(["__name__", name, .. labels]), 5, StaleMarker.NormalNaN) { Histogram = value };

    private static ExternalLabels External(NameEscapingScheme scheme) => new(LabelSet.Of("region", "eu"), scheme);

    private static string Text(IReadOnlyList<LatestSample> samples, NameEscapingScheme scheme)
    {
        var writer = new FederationWriter(samples, External(scheme));
        var output = new ArrayBufferWriter<byte>();
        while (writer.WritePiece(output)) { }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static byte[] Protobuf(IReadOnlyList<LatestSample> samples)
    {
        var writer = new ProtobufFederationWriter(samples, External(NameEscapingScheme.AllowUtf8));
        var output = new ArrayBufferWriter<byte>();
        while (writer.WritePiece(output)) { }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Gives exactly the memory that is asked for, as a full pipe may.</summary>
    private sealed class TightWriter : IBufferWriter<byte>
    {
        private byte[] memory = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(memory.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => memory = new byte[sizeHint];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }

    /// <summary>Name and type of each family: the first two fields of its message.</summary>
    private static List<(string, int)> Families(byte[] body)
    {
        var families = new List<(string, int)>();
        for (var at = 0; at < body.Length; )
        {
            var (length, shift) = (0, 0);
            do
            {
                length |= (body[at] & 0x7f) << shift;
                shift += 7;
            } while (body[at++] >= 0x80);
            var nameLength = body[at + 1];
            families.Add((Encoding.UTF8.GetString(body, at + 2, nameLength), body[at + 3 + nameLength]));
            at += length;
        }
        return families;
    }
}
