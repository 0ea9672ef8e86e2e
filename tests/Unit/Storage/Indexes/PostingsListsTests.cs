using Tributary.Storage.Indexes;

namespace Tributary.Tests.Unit.Storage.Indexes;

public sealed class PostingsListsTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 1000)]
    [InlineData(3, 20_000)]
    public void Operations_AreThoseOfSets(int seed, int most)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var space = (uint)random.Next(1, 4 * most);
            var lists = Enumerable.Range(0, random.Next(1, 6)).Select(_ => List(random, most, space)).ToList();
            lists.Add(List(random, 5, space));
            Assert.Equal(lists.SelectMany(l => l).Distinct().Order(), PostingsLists.Union(lists));
            foreach (var (left, right) in new[] { (lists[0], lists[^1]), (lists[^1], lists[0]) })
            {
                Assert.Equal(left.Intersect(right).Order(), PostingsLists.Intersect(left, right));
                Assert.Equal(left.Except(right).Order(), PostingsLists.Except(left, right));
            }
        }
    }

    [Fact]
    public void Union_OfNothing_IsNothing()
    {
        Assert.Empty(PostingsLists.Union([]));
        Assert.Empty(
            PostingsLists.Union([
                [],
                [],
            ])
        );
        Assert.Equal(
            [uint.MaxValue],
            PostingsLists.Union([
                [uint.MaxValue],
                [],
            ])
        );
    }

    private static uint[] List(Random random, int most, uint space) =>
        [.. Enumerable.Range(0, random.Next(most)).Select(_ => (uint)random.NextInt64(space)).Distinct().Order()];
}
