using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class BatchPartTests
{
    private static readonly Window Home = Window.Of(LogBatches.NoonMs);

    [Fact]
    public void Split_InsideOneWindow_CopiesNothing()
    {
        var batch = LogBatches.Of("a", Home.StartMs, LogBatches.Columns((LogBatches.Series(1), Home.EndMs - 1, 1)));
        var part = Assert.Single(BatchPart.Split(batch));
        Assert.True(part.HasReport);
        Assert.Same(batch.Scraped, part.Scraped);
        Assert.Same(batch.Added, part.Added);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("", "0")]
    [InlineData("-1", "-7200000,0")]
    [InlineData("7200000", "7200000,0")]
    [InlineData("7199999,0,-1,-7200001,7200000", "-14400000,-7200000,7200000,0")]
    public void Split_SamplesOfWindows_ThePartWithTheReportIsLast(string offsets, string windows)
    {
        var samples = offsets
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select((offset, i) => (LogBatches.Series(i), Home.StartMs + long.Parse(offset, null), (double)i))
            .ToArray();
        var batch = LogBatches.Of("a", Home.StartMs + 5, LogBatches.Columns(samples));
        var parts = BatchPart.Split(batch);
        Assert.Equal(windows, string.Join(',', parts.Select(part => part.Window.StartMs - Home.StartMs)));
        Assert.Equal([.. Enumerable.Repeat(false, parts.Count - 1), true], parts.Select(part => part.HasReport));
        foreach (var part in parts)
        {
            Assert.All(part.Scraped.TimestampsMs.ToArray(), time => Assert.True(part.Window.Contains(time)));
        }
        Assert.Equal(
            LogBatches.Samples(batch.Scraped).Order(),
            parts.SelectMany(part => LogBatches.Samples(part.Scraped)).Order()
        );
        Assert.Equal(1, parts.Sum(part => part.Added.Count));
    }
}
