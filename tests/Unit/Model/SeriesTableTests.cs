using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class SeriesTableTests
{
    [Fact]
    public void Intern_EqualSets_AreOneObjectWhileInUse()
    {
        var table = new SeriesTable();
        var first = table.Intern(LabelSet.Of("a", "1"));
        for (var age = 0; age < 3; age++)
        {
            Assert.Same(first, table.Intern(LabelSet.Of("a", "1")));
            table.Age();
        }
        table.Age();
        Assert.NotSame(first, table.Intern(LabelSet.Of("a", "1")));
    }

    [Fact]
    public void Labels_NotAskedFor_AreForgotten()
    {
        var table = new SeriesTable();
        var kept = table.Labels.Intern("a", "1");
        table.Labels.Intern("b", "1");
        for (var age = 0; age < 3; age++)
        {
            table.Age();
            Assert.True(table.Labels.TryFind("a=\"1\""u8, out var found));
            Assert.Same(kept, found);
        }
        Assert.False(table.Labels.TryFind("b=\"1\""u8, out _));
        Assert.Equal(1, table.Labels.Count);
    }
}
