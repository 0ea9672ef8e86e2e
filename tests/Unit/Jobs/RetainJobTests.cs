using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

public sealed class RetainJobTests
{
    private static readonly Window First = Window.Of(LogBatches.NoonMs);

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(Window.LengthMs - 1, 1)]
    [InlineData(Window.LengthMs, 2)]
    public async Task Run_WindowsThatEndedBeforeTheRetentionTime_AreDeleted(long pastMs, int deleted)
    {
        var time = new ManualTime(First.EndMs + (long)RetainJob.DefaultRetention.TotalMilliseconds + pastMs);
        var blobs = new SimulatedStorage(time).ImmediateBlobs();
        for (var window = 0; window < 3; window++)
        {
            var name = new LogFileName(new Window(First.StartMs + (window * Window.LengthMs)), default);
            await blobs.CreateAppendAsync(name.ToString(), default);
        }
        await blobs.WriteAsync($"{LogFileName.PrefixOf(First)}notes", new byte[1], WriteCondition.None, default);
        var job = new RetainJob(blobs, time, RetainJob.DefaultRetention);
        Assert.Equal(deleted, await job.RunAsync(default));
        Assert.Equal(0, await job.RunAsync(default));
        var left = 0;
        await foreach (var info in blobs.ListAsync("log/", default))
        {
            left++;
        }
        Assert.Equal(4 - deleted, left);
    }

    [Fact]
    public async Task Run_AFileThatGrowsMeanwhile_WaitsForTheNextRun()
    {
        var time = new ManualTime(First.EndMs);
        var blobs = new ScriptedBlobs(new SimulatedStorage(time).ImmediateBlobs());
        var name = new LogFileName(First, default).ToString();
        await blobs.CreateAppendAsync(name, default);
        blobs.OnCall = async (operation, _, effect) =>
        {
            if (operation is "delete")
            {
                blobs.OnCall = (_, _, next) => next();
                await blobs.AppendAsync(name, 0, new byte[1], default);
            }
            await effect();
        };
        var job = new RetainJob(blobs, time, TimeSpan.Zero);
        Assert.Equal(0, await job.RunAsync(default));
        Assert.Equal(1, await job.RunAsync(default));
    }
}
