using Tributary.Model;
using Tributary.PromQL.Columns;

namespace Tributary.Tests.Unit.PromQL.Columns;

public sealed class LabelSetTableTests
{
    [Fact]
    public void Add_ManySets_GivesEachOneOrdinal()
    {
        var table = new LabelSetTable();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 1000; i++)
            {
                Assert.Equal(i, table.Add(LabelSet.Of("a", $"{i}", "b", "x")));
            }
        }
        Assert.Equal(1000, table.Count);
    }

    [Theory]
    [InlineData(false, "a", "{a=\"1\"}")]
    [InlineData(false, "__name__", "m{}")]
    [InlineData(true, "a", "{b=\"2\"}")]
    [InlineData(true, "c", "{a=\"1\", b=\"2\"}")]
    public void Add_Projected_KeepsTheLabelsThatCount(bool without, string name, string expected)
    {
        var projection = without ? LabelProjection.Without([name]) : LabelProjection.Only([name]);
        var table = new LabelSetTable();
        var labels = LabelSet.Of("__name__", "m", "a", "1", "b", "2");
        Assert.Equal(expected, table[table.Add(labels, projection)].ToString());
        Assert.Equal(expected, projection.Of(labels).ToString());
    }
}
