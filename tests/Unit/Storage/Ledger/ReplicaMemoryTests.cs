using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Storage.Ledger;

public sealed class ReplicaMemoryTests
{
    private static readonly ReplicaIdentity Identity = new()
    {
        Source = "job/replicas/1",
        IsReplica = true,
        Label = "prometheus_replica",
        Values = ["a", "b"],
        Constant = LabelSet.Of("cluster", "x"),
        Varying = ["env", "zone"],
        Sketch = SeriesSketch.Of(Up(0, 100)),
        RecognisedMs = 5,
    };

    [Fact]
    public void Decode_ReadsWhatEncodeWrote()
    {
        var memory = new ReplicaMemory
        {
            Taken = "b",
            FailedMs = 17,
            Failures = [new ReplicaFailure("a", 17, true) { Error = "no connection" }],
            Identity = Identity,
        };
        var writer = new ByteWriter();
        memory.Encode(writer);
        var reader = new ByteReader(writer.WrittenSpan, "test");
        var read = ReplicaMemory.Decode(ref reader);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(("b", 17L, memory.Failures[0]), (read.Taken, read.FailedMs, Assert.Single(read.Failures)));
        Assert.Equal(Identity.Values, read.Identity!.Values);
        Assert.Equal(Identity.Varying, read.Identity.Varying);
        Assert.True(read.Identity.IsLike(Identity));
        Assert.Equal(
            Identity with
            {
                Values = [],
                Varying = [],
                Sketch = SeriesSketch.Empty,
            },
            read.Identity with
            {
                Values = [],
                Varying = [],
                Sketch = SeriesSketch.Empty,
                Constant = Identity.Constant,
            }
        );
    }

    [Fact]
    public void Merge_TakesWhatHappenedLast_OfEach()
    {
        var older = new ReplicaMemory
        {
            Taken = "a",
            FailedMs = 1,
            Identity = Identity,
        };
        var newer = new ReplicaMemory { Taken = "b", FailedMs = 2 };
        foreach (var merged in (ReplicaMemory[])[older.Merge(newer), newer.Merge(older)])
        {
            Assert.Equal("b", merged.Taken);
            Assert.Same(Identity, merged.Identity);
        }
    }

    [Theory]
    [InlineData(0, 100, 0, 100, true)]
    [InlineData(0, 1000, 0, 1000, true)]
    [InlineData(0, 1000, 0, 10, true)]
    [InlineData(0, 1000, 100, 1100, true)]
    [InlineData(0, 2, 1, 3, true)]
    [InlineData(0, 1000, 1000, 2000, false)]
    [InlineData(0, 1000, 800, 1800, false)]
    [InlineData(0, 3, 3, 6, false)]
    [InlineData(0, 3, 0, 0, false)]
    public void Sketches_AreAlike_WhenTheSmallerSetIsMostlyInTheOther(int a, int b, int c, int d, bool expected)
    {
        var (left, right) = (SeriesSketch.Of(Up(a, b)), SeriesSketch.Of(Up(c, d)));
        Assert.Equal((expected, expected), (left.IsLike(right), right.IsLike(left)));
    }

    private static IEnumerable<LabelSet> Up(int from, int to) =>
        Enumerable
            .Range(from, to - from)
            .Select(i => LabelSet.Of(LabelSet.MetricNameLabel, "up", "instance", $"host{i}:9100"));
}
