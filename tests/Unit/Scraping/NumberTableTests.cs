using Tributary.Scraping;

namespace Tributary.Tests.Unit.Scraping;

public sealed class NumberTableTests
{
    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(2, 7)]
    [InlineData(3, 1)]
    public void AddRemove_AtRandom_FindsWhatADictionaryOfSetsFinds(int seed, int hashes)
    {
        var random = new Random(seed);
        var table = new NumberTable();
        var model = new Dictionary<int, HashSet<int>>();
        var present = new List<(int Hash, int Number)>();
        for (var step = 0; step < 3000; step++)
        {
            if (present.Count == 0 || random.Next(5) > 1)
            {
                var hash = random.Next(hashes);
                present.Add((hash, step));
                table.Add(hash, step);
                (model.TryGetValue(hash, out var set) ? set : model[hash] = []).Add(step);
            }
            else
            {
                var (hash, number) = present[random.Next(present.Count)];
                present.Remove((hash, number));
                table.Remove(hash, number);
                model[hash].Remove(number);
            }
            var looked = random.Next(hashes);
            var found = new HashSet<int>();
            var probe = table.Begin(looked);
            while (table.TryNext(ref probe, out var number))
            {
                Assert.True(found.Add(number));
            }
            Assert.Equal(model.GetValueOrDefault(looked, []).Order(), found.Order());
            Assert.Equal(present.Count, table.Count);
        }
    }

    [Fact]
    public void Remove_OfANumberThatIsNotThere_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => new NumberTable().Remove(1, 1));
}
