using Tributary.Jobs;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Jobs;

public sealed class VerifyLogJobTests
{
    private readonly LogPlace place = new();

    [Theory]
    [InlineData("", null)]
    [InlineData("00000000000000000000", "record of 0 bytes")]
    [InlineData("0000", "ends inside a record: 2 bytes")]
    public async Task Verify_AFile_SaysWhatIsInItAndWhatIsWrong(string appended, string? problem)
    {
        var writer = place.NewWriter();
        foreach (var batch in LogBatches.Sequence(new Random(1), "a", 5, 4, 15_000))
        {
            await writer.AppendAsync([batch], default);
        }
        var info = Assert.Single(await place.FilesAsync());
        if (appended.Length > 0)
        {
            await place.Plain.AppendAsync(info.Name, info.LengthBytes, Convert.FromHexString(appended), default);
        }
        var job = new VerifyLogJob(place.Plain);
        var listed = new List<LogFileFacts>();
        await foreach (var file in job.ListAsync(default))
        {
            listed.Add(file);
        }
        var facts = await job.VerifyAsync(Assert.Single(listed), default);
        Assert.Equal((5, 0, 25), (facts.Batches, facts.OtherParts, facts.Samples));
        Assert.InRange(facts.Series, 5, 10);
        Assert.Equal(problem is null, facts.Problem is null);
        Assert.Contains(problem ?? "", facts.Problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OtherNames_AreNamed()
    {
        await place.Plain.WriteAsync("log/notes.txt", new byte[1], default, default);
        var job = new VerifyLogJob(place.Plain);
        await foreach (var file in job.ListAsync(default))
        {
            Assert.Equal("not the name of a log file", file.Problem);
            Assert.Same(file, await job.VerifyAsync(file, default));
        }
    }
}
