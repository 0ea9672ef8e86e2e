using Tributary.Configuration;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.RemoteWrite.Sending;

/// <summary>What the cursors say, and how long they keep log files from going.</summary>
public sealed class CursorTests
{
    private readonly SendPlace place = new();

    [Fact]
    public void Holds_WhatADestinationHasNotTaken_ForTheGivenTime() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            var job = await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            Assert.True(await IsHeldAsync(TimeSpan.Zero));
            Assert.True(await IsHeldAsync(TimeSpan.FromHours(23)));
            Assert.False(await IsHeldAsync(TimeSpan.FromHours(25)));
            await SendPlace.RunAsync(job);
            Assert.False(await IsHeldAsync(TimeSpan.Zero));
            await writer.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            Assert.True(await IsHeldAsync(TimeSpan.Zero));
        });

    [Fact]
    public void DestinationThatLeft_IsForgottenAfterTheGivenTime() =>
        place.Run(async () =>
        {
            var writer = place.NewWriter();
            await place.BeginAsync();
            await writer.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            var without = place.NewJob();
            without.Configure(new CollectorConfig());
            await place.DelayAsync(TimeSpan.FromHours(23));
            await without.CleanAsync(SendPlace.Token);
            Assert.NotNull((await place.CursorAsync()).State);
            await place.DelayAsync(TimeSpan.FromHours(2));
            await without.CleanAsync(SendPlace.Token);
            Assert.Null((await place.CursorAsync()).State);
            Assert.Empty((await place.CursorAsync()).Windows);
            // One that comes back begins anew.
            await place.BeginAsync();
            Assert.Equal(0, place.Receiver.Requests);
        });

    [Fact]
    public void FilesThatAreGone_LeaveTheCursor_AndAreNamedWhenTheyWereNotTaken() =>
        place.Run(async () =>
        {
            var (one, other) = (place.NewWriter(), place.NewWriter());
            var job = await place.BeginAsync();
            await one.AppendAsync([SendPlace.Tick("a", 1)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            var file = Assert.Single(await place.LogAsync());
            await place.Blobs.DeleteAsync(file.Blob.Name, ifMatch: null, SendPlace.Token);
            await other.AppendAsync([SendPlace.Tick("a", 2)], SendPlace.Token);
            await SendPlace.RunAsync(job);
            Assert.DoesNotContain(file.Name, (await place.CursorAsync()).Files);
            Assert.Equal(0, job.Figures[0].LostFiles);
            Assert.Equal(6, place.Receiver.Taken.Count);
        });

    [Fact]
    public void Advance_ByTwoAtOnce_KeepsWhatIsFurther() =>
        place.Run(async () =>
        {
            var table = new CursorTable(place.Tables, place.Time);
            var (a, b) = (FileOf(1), FileOf(2));
            var begun = await table.BeginAsync(
                new DestinationCursor("k"),
                new CursorState("n", 1),
                [],
                SendPlace.Token
            );
            await AdvanceAsync(table, begun, (a, new LogPosition(100, 3)), (b, new LogPosition(5, 0)));
            var after = await AdvanceAsync(table, begun, (a, new LogPosition(100, 1)), (b, new LogPosition(7, 0)));
            Assert.Equal((new LogPosition(100, 3), new LogPosition(7, 0)), (after.PositionOf(a), after.PositionOf(b)));
            Assert.True(after.IsSame(await table.ReadAsync("k", SendPlace.Token)));
            Assert.False(after.IsSame(begun));
        });

    [Fact]
    public void Begin_ByTwoAtOnce_IsOneBeginning() =>
        place.Run(async () =>
        {
            var table = new CursorTable(place.Tables, place.Time);
            var nothing = new DestinationCursor("k");
            var first = await table.BeginAsync(nothing, new CursorState("n", 1), [], SendPlace.Token);
            await AdvanceAsync(table, first, (FileOf(1), new LogPosition(9, 0)));
            var second = await table.BeginAsync(nothing, new CursorState("n", 2), [], SendPlace.Token);
            Assert.Equal((1, 9), (second.State!.SinceMs, second.PositionOf(FileOf(1)).Bytes));
        });

    [Fact]
    public void ManyWindows_AreBegunInSeveralTransactions() =>
        place.Run(async () =>
        {
            var table = new CursorTable(place.Tables, place.Time);
            var files = Enumerable
                .Range(0, 250)
                .Select(k => new PlannedLogFile(
                    new LogFileName(new Window(k * Window.LengthMs), new Ulid(7)),
                    new Tributary.Stores.BlobInfo("x", 10 + k, "", default)
                ))
                .ToList();
            var begun = await table.BeginAsync(
                new DestinationCursor("k"),
                new CursorState("n", 1),
                files,
                SendPlace.Token
            );
            Assert.NotNull(begun.State);
            Assert.DoesNotContain(files, file => begun.Wants(file));
            await table.RemoveAsync(begun, SendPlace.Token);
            Assert.Empty(await table.ReadAllAsync(SendPlace.Token));
        });

    private static Task<DestinationCursor> AdvanceAsync(
        CursorTable table,
        DestinationCursor cursor,
        params (LogFileName File, LogPosition Position)[] further
    ) =>
        table.AdvanceAsync(
            cursor,
            further.ToDictionary(one => one.File, one => one.Position),
            [],
            cursor.State!,
            SendPlace.Token
        );

    private static LogFileName FileOf(ulong writer) => new(Window.Of(SendPlace.NoonMs), new Ulid(writer));

    private async Task<bool> IsHeldAsync(TimeSpan later)
    {
        var holds = LogHolds.Of(place.Tables, TimeSpan.FromHours(24), place.Time);
        var isHeld = await holds(place.Time.GetUtcNow() + later, SendPlace.Token);
        return isHeld(Assert.Single(await place.LogAsync()));
    }
}
