using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class LatestSamplesTests
{
    [Fact]
    public void Samples_AreThoseOfTheirAnswer_WhoeverHadTheArrayBefore()
    {
        for (var count = 5; count >= 0; count--)
        {
            using var samples = new LatestSamples(5);
            var expected = Enumerable
                .Range(0, count)
                .Select(i => new LatestSample(LabelSet.Of("n", $"{count}"), i, count))
                .ToList();
            expected.ForEach(samples.Add);
            Assert.Equal(expected, samples);
            Assert.Equal(count, samples.Count);
            Assert.Throws<ArgumentOutOfRangeException>(() => samples[count]);
        }
    }

    [Fact]
    public void Dispose_TheAnswer_LeavesNothingInIt()
    {
        var samples = new LatestSamples(1);
        samples.Add(new LatestSample(LabelSet.Empty, 1, 1));
        samples.Dispose();
        samples.Dispose();
        Assert.Empty(samples);
    }
}
