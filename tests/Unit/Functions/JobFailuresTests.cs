using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Functions;

public sealed class JobFailuresTests
{
    [Fact]
    public void Failed_AgainAndAgain_IsToldEveryTenSeconds()
    {
        var time = new ManualTime(0);
        var failures = new JobFailures(time);
        var told = 0;
        for (var run = 0; run < 250; run++)
        {
            told += failures.Failed("collecting", "the disk is full") ? 1 : 0;
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal((3, 250L), (told, failures.Counts["collecting"]));
        Assert.True(failures.Failed("compacting", "the disk is full"));
        failures.Succeeded("collecting");
        Assert.DoesNotContain(failures.Current, line => line.StartsWith("collecting", StringComparison.Ordinal));
        Assert.True(failures.Failed("collecting", "the disk is full"));
        Assert.False(failures.Failed("collecting", "the disk is full"));
    }
}
