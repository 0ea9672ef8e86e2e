using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class LogWriterTests
{
    private static readonly Window Home = Window.Of(LogBatches.NoonMs);

    private readonly LogPlace place = new();

    [Fact]
    public async Task Append_TenSourcesOfATick_IsOneAppend()
    {
        var writer = place.NewWriter();
        for (var tick = 0; tick < 3; tick++)
        {
            var before = place.Writes;
            var batches = Enumerable.Range(0, 10).Select(source => Batch(tick, $"source {source}")).ToList();
            var appended = await writer.AppendAsync(batches, default);
            Assert.Equal(batches, appended.Select(item => item.Batch));
            Assert.Equal(tick == 0 ? 2 : 1, place.Writes - before);
        }
        Assert.Equal((3, 1, 60), (writer.Counts.Appends, writer.Counts.Files, writer.Counts.Samples));
        Assert.Equal(30, (await place.ReadAsync()).Count);
    }

    [Fact]
    public async Task Append_CallersThatWait_GoTogether()
    {
        var writer = place.NewWriter();
        var open = new TaskCompletionSource();
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            await (operation is "append" ? open.Task : Task.CompletedTask);
            await effect();
        };
        var calls = Enumerable.Range(0, 5).Select(i => writer.AppendAsync([Batch(i), Batch(i, "b")], default)).ToList();
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        open.SetResult();
        var appended = await Task.WhenAll(calls);
        Assert.Equal(2, writer.Counts.Appends);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => Tick(i)), appended.Select(item => item[0].Batch.TickMs));
        Assert.Equal(10, (await place.ReadAsync()).Count);
    }

    [Fact]
    public async Task Append_CallersOfSeveralJobs_ShareItByBytes()
    {
        var writer = place.NewWriter();
        await writer.AppendAsync([Batch(0, "first, so that the file is there")], default);
        var open = new TaskCompletionSource();
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            await (operation is "append" ? open.Task : Task.CompletedTask);
            await effect();
        };
        var blocking = AppendAsync(Payer.Evaluate, Batch(1, "blocking"));
        var calls = new[]
        {
            AppendAsync(Payer.Collect, Batch(1), Batch(1, "b"), Batch(1, "a/pull/0123abcd")),
            AppendAsync(Payer.Backfill, Batch(1, "b/backfill/1-2")),
            AppendAsync(Payer.Receive, Batch(1, "whoever"), Batch(2, "writes")),
        };
        open.SetResult();
        await Task.WhenAll([blocking, .. calls]);

        var used = place.Blobs.Operations.ByPayer.ToDictionary();

        Payer[] sharing = [Payer.Collect.For("a"), Payer.Collect.For("b"), Payer.Backfill.For("b"), Payer.Receive];
        Assert.Equal(1, sharing.Sum(payer => used[payer].Operations[OperationClass.BlobWrite]), 9);
        Assert.All(sharing, payer => Assert.InRange(used[payer].Operations[OperationClass.BlobWrite], 0.05, 0.7));
        Assert.Equal(1, used[Payer.Evaluate].Operations[OperationClass.BlobWrite]);
        var bytes = sharing.Sum(payer => used[payer].BytesWritten);
        Assert.All(
            sharing,
            payer =>
                Assert.Equal(
                    used[payer].BytesWritten / (double)bytes,
                    used[payer].Operations[OperationClass.BlobWrite],
                    2
                )
        );
        Assert.Equal(
            OperationCounts.Of(place.Blobs.Operations),
            used.Values.Aggregate(default(OperationCounts), (sum, tally) => sum + tally.Operations)
        );

        async Task AppendAsync(Payer payer, params Batch[] batches)
        {
            using var paid = Payers.By(payer);
            await writer.AppendAsync(batches, default);
        }
    }

    [Fact]
    public async Task Append_AcrossAWindowBoundary_IsTwoAppendsTheReportLast()
    {
        var writer = place.NewWriter();
        var scraped = LogBatches.Columns(
            (LogBatches.Series(1), Home.StartMs - 1, 1),
            (LogBatches.Series(2), Home.StartMs, 2)
        );
        var appended = await writer.AppendAsync([LogBatches.Of("a", Home.StartMs, scraped)], default);
        var files = place.Blobs.Calls.Where(call => call.StartsWith("append", StringComparison.Ordinal)).ToList();
        Assert.Equal([Home.StartMs - Window.LengthMs, Home.StartMs], files.Select(call => Parse(call).Window.StartMs));
        Assert.Equal(Parse(files[1]), appended[0].Home);
        Assert.Equal([Parse(files[0])], appended[0].Others);
        var parts = await place.ReadAsync();
        Assert.Equal([1, 2], parts.Select(part => part.Samples.Count));
        Assert.Equal([false, true], parts.Select(part => part.Part.Report is not null));
        Assert.Equal(appended[0].Others, parts[1].Part.Others);
    }

    [Theory]
    [InlineData(3, long.MaxValue)]
    [InlineData(int.MaxValue, 350)]
    public async Task Append_AFullFile_IsSealedAndTheNextSaysEverythingAgain(int appends, long bytes)
    {
        var writer = place.NewWriter(appends, bytes);
        for (var tick = 0; tick < 10; tick++)
        {
            MetricMetadata[] metadata = tick == 0 ? [new("m", "counter", "help", "")] : [];
            await writer.AppendAsync([Batch(tick) with { Metadata = metadata }], default);
        }
        var files = await place.FilesAsync();
        Assert.InRange(files.Count, 3, 5);
        Assert.Equal([.. files.SkipLast(1).Select(_ => true), false], files.Select(file => file.IsSealed));
        Assert.Equal(10, (await place.ReadAsync()).Count);
        foreach (var file in files)
        {
            Assert.True(LogFileName.TryParse(file.Name, out var name));
            var decoder = new LogDecoder(name, new SeriesTable());
            var content = new byte[file.LengthBytes];
            await place.Plain.ReadAsync(file.Name, 0, content, null, default);
            decoder.Scan(content, []);
            Assert.Equal(("a", "help"), (Assert.Single(decoder.Metadata).Source, decoder.Metadata[0].Metadata.Help));
        }
    }

    /// <summary>What goes wrong with the second append, how often, whether it was done; then files, retries, lost places.</summary>
    public static TheoryData<StoreError, int, bool, int, int> Failures() =>
        new()
        {
            { StoreError.Unknown, 1, true, 1, 1 },
            { StoreError.Unknown, 1, false, 1, 1 },
            { StoreError.Throttled, 3, false, 1, 3 },
            { StoreError.Unknown, 6, true, 1, 5 },
            { StoreError.Unknown, 6, false, 2, 5 },
            { StoreError.Throttled, 6, false, 2, 5 },
        };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Append_FailsForAWhile_IsInExactlyOnce(
        StoreError error,
        int times,
        bool isDone,
        int files,
        int retries
    )
    {
        var writer = place.NewWriter();
        await writer.AppendAsync([Batch(0)], default);
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            if (operation is not "append" || times-- <= 0)
            {
                await effect();
                return;
            }
            if (isDone)
            {
                isDone = false;
                await effect();
            }
            throw ScriptedBlobs.Error(error);
        };
        var second = Assert.Single(await writer.AppendAsync([Batch(1)], default));
        Assert.Equal((files, retries), (writer.Counts.Files, writer.Counts.Retries));
        await writer.AppendAsync([Batch(2)], default);
        await AssertOnceAsync(3);
        Assert.True(writer.IsOwn(second.Home));
    }

    [Theory]
    [InlineData("seal")]
    [InlineData("delete")]
    [InlineData("append")]
    public async Task Append_ThePlaceIsLost_GoesToANewFile(string foreign)
    {
        var writer = place.NewWriter();
        var first = Assert.Single(await writer.AppendAsync([Batch(0)], default)).Home;
        var length = (await place.FilesAsync())[0].LengthBytes;
        await (
            foreign switch
            {
                "seal" => (Task)place.Plain.SealAsync(first.ToString(), default),
                "delete" => place.Plain.DeleteAsync(first.ToString(), null, default),
                _ => place.Plain.AppendAsync(first.ToString(), length, new byte[1], default),
            }
        );
        var second = Assert.Single(await writer.AppendAsync([Batch(1)], default)).Home;
        Assert.NotEqual(first, second);
        Assert.Equal((2, 1), (writer.Counts.Files, writer.Counts.LostPlaces));
        Assert.Equal((false, true), (writer.IsOwn(first), writer.IsOwn(second)));
        await AssertOnceAsync(foreign is "delete" ? 1 : 2);
        Assert.All((await place.FilesAsync()).SkipLast(1), file => Assert.True(file.IsSealed));
    }

    [Fact]
    public async Task Append_PlacesAreLostAgainAndAgain_SaysWhatToLookFor()
    {
        place.Blobs.OnCall = (operation, _, effect) =>
            operation is "append" ? throw ScriptedBlobs.Error(StoreError.Sealed) : effect();
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            place.NewWriter().AppendAsync([Batch(0)], default)
        );
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreError.Unusable)]
    [InlineData(StoreError.Unknown)]
    [InlineData(StoreError.Denied)]
    public async Task Append_StoreIsDown_ThrowsAndTheNextCallWorks(StoreError error)
    {
        var writer = place.NewWriter();
        var first = Assert.Single(await writer.AppendAsync([Batch(0)], default)).Home;
        place.Blobs.OnCall = (_, _, _) => throw ScriptedBlobs.Error(error);
        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<StoreException>(() => writer.AppendAsync([Batch(1)], default));
            Assert.Equal(error, failure.Error);
        }
        Assert.False(writer.IsOwn(first));
        place.Blobs.OnCall = (_, _, effect) => effect();
        var second = Assert.Single(await writer.AppendAsync([Batch(1)], default)).Home;
        Assert.NotEqual(first, second);
        await AssertOnceAsync(2);
        Assert.True((await place.FilesAsync())[0].IsSealed);
    }

    [Fact]
    public async Task Append_TheReportDoesNotGetIn_TheOtherPartsFileIsLeft()
    {
        var writer = place.NewWriter();
        var other = Assert.Single(await writer.AppendAsync([Batch(-480)], default)).Home;
        place.Blobs.OnCall = (operation, name, effect) =>
            name.StartsWith(LogFileName.PrefixOf(Home), StringComparison.Ordinal)
                ? throw ScriptedBlobs.Error(StoreError.Unusable)
                : effect();
        await Assert.ThrowsAsync<StoreException>(() => writer.AppendAsync([Crossing(1)], default));
        Assert.False(writer.IsOwn(other));
        place.Blobs.OnCall = (_, _, effect) => effect();
        var appended = Assert.Single(await writer.AppendAsync([Crossing(2)], default));
        Assert.NotEqual(other, Assert.Single(appended.Others));
        var values = (await place.ReadAsync())
            .Where(part => part.Part.TickMs == Home.StartMs)
            .SelectMany(part => part.Samples.Where(sample => sample.Series.StartsWith('m')))
            .Select(sample => BitConverter.UInt64BitsToDouble(sample.Bits));
        Assert.Equal([2.0, 2.0], values);

        static Batch Crossing(double value) =>
            LogBatches.Of(
                "a",
                Home.StartMs,
                LogBatches.Columns(
                    (LogBatches.Series(1), Home.StartMs - 1, value),
                    (LogBatches.Series(2), Home.StartMs, value)
                )
            );
    }

    [Fact]
    public async Task Append_AWindowThatIsLongOver_IsLeftUnsealed()
    {
        var writer = place.NewWriter();
        await writer.AppendAsync([Batch(0)], default);
        place.Time.Advance(TimeSpan.FromHours(3));
        await writer.AppendAsync([Batch(1)], default);
        Assert.Equal(2, writer.Counts.Files);
        Assert.DoesNotContain(place.Blobs.Calls, call => call.StartsWith("seal", StringComparison.Ordinal));
        await AssertOnceAsync(2);
    }

    [Fact]
    public void Encode_ASteadyState_AllocatesNothingPerSample()
    {
        Assert.InRange(Steady(40_000) - Steady(10_000), long.MinValue, 16 * 1024);

        static long Steady(int count)
        {
            var encoder = new LogEncoder(new LogFileName(Home, default), LogBatches.NoonMs);
            var list = new SeriesList([.. Enumerable.Range(0, count).Select(LogBatches.Series)]);
            var (times, values) = (new long[count], new double[count]);
            var least = long.MaxValue;
            for (var tick = 0; tick < 5; tick++)
            {
                Array.Fill(times, Tick(tick));
                var parts = BatchPart.Split(LogBatches.Of("a", Tick(tick), new SampleColumns(list, times, values)));
                var before = GC.GetAllocatedBytesForCurrentThread();
                encoder.Encode(parts, _ => [], _ => []);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    private async Task AssertOnceAsync(int batches)
    {
        var parts = await place.ReadAsync();
        Assert.Equal(batches, parts.Count);
        Assert.Equal(batches, parts.Select(part => part.Part.TickMs).Distinct().Count());
        Assert.All(parts, part => Assert.Equal(2, part.Samples.Count));
    }

    private static long Tick(int number) => LogBatches.NoonMs + (number * 15_000L);

    private static Batch Batch(int number, string source = "a") =>
        LogBatches.Of(source, Tick(number), LogBatches.Columns((LogBatches.Series(number), Tick(number), number)));

    private static LogFileName Parse(string call) =>
        LogFileName.TryParse(call.Split(' ')[1], out var name) ? name : throw new FormatException(call);
}
