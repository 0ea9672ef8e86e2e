using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class LogFollowerTests
{
    private readonly LogPlace place = new();
    private readonly LogFollower follower;

    public LogFollowerTests() => follower = new LogFollower(place.Blobs, new SeriesTable());

    [Fact]
    public async Task ReadOn_WhatOthersAppend_ComesOnce()
    {
        var writers = new[] { place.NewWriter(), place.NewWriter(maxAppends: 2) };
        for (var tick = 0; tick < 6; tick++)
        {
            await writers[tick % 2].AppendAsync([Batch(tick)], default);
            if (tick % 3 == 2)
            {
                Assert.Equal([tick - 2, tick - 1, tick], await ReadAsync());
            }
        }
        Assert.Empty(await ReadAsync());
        Assert.Equal(3, follower.Count);
    }

    [Fact]
    public async Task ReadOn_ALaterFileFails_WhatWasFoundComesWithTheNextCall()
    {
        var (first, second) = (place.NewWriter(), place.NewWriter());
        await first.AppendAsync([Batch(0)], default);
        var broken = Assert.Single(await second.AppendAsync([Batch(1)], default)).Home.ToString();
        place.Blobs.OnCall = (operation, name, effect) =>
            operation is "read" && name == broken ? throw ScriptedBlobs.Error(StoreError.Unknown) : effect();
        await Assert.ThrowsAsync<StoreException>(ReadAsync);
        place.Blobs.OnCall = (_, _, effect) => effect();
        Assert.Equal([0, 1], await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task ReadOn_FilesVanishBetweenListAndRead_PlansAnewTwice(int vanishing, bool succeeds)
    {
        var writer = place.NewWriter(maxAppends: 1);
        for (var tick = 0; tick < 5; tick++)
        {
            await writer.AppendAsync([Batch(tick)], default);
        }
        var vanished = 0;
        place.Blobs.OnCall = async (operation, name, effect) =>
        {
            // One for each list, however many are read at once.
            if (operation is "read" && vanished < Math.Min(vanishing, Lists()))
            {
                vanished++;
                await place.Plain.DeleteAsync(name, null, default);
            }
            await effect();
        };
        int Lists() => place.Blobs.Calls.Count(c => c.StartsWith("list", StringComparison.Ordinal));
        if (succeeds)
        {
            Assert.Equal([2, 3, 4], await ReadAsync());
        }
        else
        {
            Assert.Equal(StoreError.NotFound, (await Assert.ThrowsAsync<StoreException>(ReadAsync)).Error);
            Assert.Equal([3, 4], await ReadAsync());
        }
        Assert.Equal(succeeds ? 3 : 4, Lists());
    }

    [Fact]
    public async Task ReadOn_SeveralFiles_AreReadAtOnceAndComeInTheirOrder()
    {
        var writer = place.NewWriter(maxAppends: 1);
        for (var tick = 0; tick < 12; tick++)
        {
            await writer.AppendAsync([Batch(tick)], default);
        }
        var (running, most) = (0, 0);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        place.Blobs.OnCall = async (operation, _, effect) =>
        {
            if (operation is "read")
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                if (running == 8)
                {
                    held.TrySetResult();
                }
                await held.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref running);
            }
            await effect();
        };
        Assert.Equal(Enumerable.Range(0, 12), await ReadAsync());
        Assert.Equal(8, most);
    }

    [Fact]
    public async Task ReadOn_ADamagedFile_IsLeftThereAndNamed()
    {
        var writer = place.NewWriter();
        var damaged = Assert.Single(await writer.AppendAsync([Batch(0)], default)).Home;
        var length = (await place.FilesAsync())[0].LengthBytes;
        await place.Plain.AppendAsync(damaged.ToString(), length, new byte[20], default);
        await writer.AppendAsync([Batch(1)], default);
        Assert.Equal([0, 1], await ReadAsync());
        var (file, problem) = Assert.Single(follower.Problems);
        Assert.Equal(damaged, file);
        Assert.Contains($"{damaged}: offset {length}", problem, StringComparison.Ordinal);
        await writer.AppendAsync([Batch(2)], default);
        Assert.Equal([2], await ReadAsync());
    }

    [Fact]
    public async Task ReadOn_FilesOfOtherWindowsAndOtherNames_AreNotRead()
    {
        var writer = place.NewWriter();
        await writer.AppendAsync([Batch(0), Batch(-480), Batch(480)], default);
        await place.Plain.WriteAsync(
            $"{LogFileName.PrefixOf(LogPlace.Windows[1])}notes.txt",
            new byte[9],
            default,
            default
        );
        var found = await follower.ReadOnAsync([LogPlace.Windows[1]], _ => false, default);
        Assert.Equal([LogBatches.NoonMs], found.SelectMany(file => file.Parts).Select(part => part.TickMs));
        Assert.Equal(3, (await ReadAsync()).Count + 1);
        Assert.Empty(await follower.ReadOnAsync([LogPlace.Windows[2]], _ => false, default));
        Assert.Equal(1, follower.Count);
    }

    private async Task<List<int>> ReadAsync()
    {
        var found = await follower.ReadOnAsync(LogPlace.Windows, _ => false, default);
        return
        [
            .. found
                .SelectMany(file => file.Parts)
                .Select(part => (int)((part.TickMs - LogBatches.NoonMs) / 15_000))
                .Order(),
        ];
    }

    private static Batch Batch(int number)
    {
        var tickMs = LogBatches.NoonMs + (number * 15_000L);
        return LogBatches.Of("a", tickMs, LogBatches.Columns((LogBatches.Series(number), tickMs, number)));
    }
}
