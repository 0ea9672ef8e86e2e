using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

public sealed class StoreViewTests
{
    private const long HourMs = 3_600_000;
    private static readonly TimeRange Everything = new(long.MinValue, long.MaxValue);
    private readonly ManifestPlace place = new();

    private static CancellationToken Token => ManifestPlace.Token;

    [Theory]
    [InlineData(0, 2 * HourMs - 1, 1, 1)]
    [InlineData(2 * HourMs, 2 * HourMs, 1, 1)]
    [InlineData(0, 2 * HourMs, 2, 2)]
    [InlineData(4 * HourMs, long.MaxValue, 1, 1)]
    [InlineData(6 * HourMs, long.MaxValue, 0, 1)]
    [InlineData(-5, -1, 0, 0)]
    [InlineData(long.MinValue, long.MaxValue, 3, 4)]
    public async Task Plan_HasWhatOverlapsTheRange(long minMs, long maxMs, int blocks, int files)
    {
        for (var hour = 0; hour < 6; hour += 2)
        {
            await place.AddAsync(hour, hour + 2);
            await place.LogAsync(hour, 1);
        }
        await place.LogAsync(20_000, 1);
        var plan = await place.View.PlanAsync(new TimeRange(minMs, maxMs), Token);
        Assert.Equal((blocks, files), (plan.Blocks.Count, plan.LogFiles.Count - (minMs == 4 * HourMs ? 1 : 0)));
    }

    [Fact]
    public async Task Plan_ListsTheLogBeforeItReadsTheManifest()
    {
        var file = await place.LogAsync(0, 10);
        var racing = new RacingBlobs(place.Blobs)
        {
            AfterList = () => place.AddAsync(0, 2, new ConsumedLogFile(file.Name, 10)),
        };
        var plan = await new StoreView(racing, place.Open().Reader).PlanAsync(Everything, Token);
        Assert.Single(plan.Blocks);
        Assert.Empty(plan.LogFiles);
    }

    [Fact]
    public async Task Read_WhenAFileIsGoneAndForgottenBehindTheList_PlansAnew()
    {
        var file = await place.LogAsync(0, 10);
        var lists = 0;
        var racing = new RacingBlobs(place.Blobs)
        {
            AfterList = async () =>
            {
                if (++lists == 2)
                {
                    await place.AddAsync(0, 2);
                    await place.Blobs.DeleteAsync(file.Name.ToString(), ifMatch: null, Token);
                }
            },
        };
        var view = new StoreView(racing, place.Open().Reader);
        Assert.Single((await view.PlanAsync(Everything, Token)).LogFiles);
        var plan = await view.ReadAsync(Everything, (plan, _) => Task.FromResult(plan), Token);
        Assert.Single(plan.Blocks);
        Assert.Empty(plan.LogFiles);
    }

    [Fact]
    public async Task Plan_OfALogFileThatGrewBehindWhatWasConsumed_HasItWhole()
    {
        var file = await place.LogAsync(0, 10);
        await place.AddAsync(0, 2, new ConsumedLogFile(file.Name, 9));
        Assert.Single((await place.View.PlanAsync(Everything, Token)).LogFiles);
    }

    [Fact]
    public async Task Plan_WhenNothingChanged_CostsOneListAndOneTableRead()
    {
        await place.AddAsync(0, 2);
        var view = place.View;
        await view.PlanAsync(Everything, Token);
        var (blobs, tables) = (place.Blobs.Operations.Total, place.Tables.Operations.Total);
        await view.PlanAsync(Everything, Token);
        Assert.Equal((1, 1), (place.Blobs.Operations.Total - blobs, place.Tables.Operations.Total - tables));
    }

    [Fact]
    public async Task Plan_OfAColdProcess_CostsAListAndThreeTableReads()
    {
        await place.AddAsync(0, 2);
        var (blobs, tables) = (place.Blobs.Operations.Total, place.Tables.Operations.Total);
        await new StoreView(place.Blobs, place.Open().Reader).PlanAsync(Everything, Token);
        Assert.Equal((1, 3), (place.Blobs.Operations.Total - blobs, place.Tables.Operations.Total - tables));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public async Task Read_WhenABlobIsGone_PlansAgain(int failures, int plans)
    {
        var seen = new List<StorePlan>();
        var answer = await place.View.ReadAsync(
            Everything,
            (plan, _) =>
            {
                seen.Add(plan);
                return seen.Count <= failures ? throw Gone() : Task.FromResult("all");
            },
            Token
        );
        Assert.Equal(("all", plans), (answer, seen.Count));
        Assert.Equal(plans, seen.Distinct().Count());
    }

    [Fact]
    public async Task Read_WhenBlobsAreGoneThreeTimes_Fails()
    {
        var plans = 0;
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            place.View.ReadAsync<string>(
                Everything,
                (_, _) =>
                {
                    plans++;
                    throw Gone();
                },
                Token
            )
        );
        Assert.Equal((StoreError.NotFound, 3), (failure.Error, plans));
    }

    [Fact]
    public async Task Read_WhenTheStoreFails_DoesNotPlanAgain()
    {
        var plans = 0;
        await Assert.ThrowsAsync<StoreException>(() =>
            place.View.ReadAsync<string>(
                Everything,
                (_, _) =>
                {
                    plans++;
                    throw new StoreException(StoreError.Unknown, "broken");
                },
                Token
            )
        );
        Assert.Equal(1, plans);
    }

    [Fact]
    public async Task Plan_WhenADeleteCannotBeRead_Fails()
    {
        await place.AddAsync(0, 2);
        var deletion = new SeriesDeletion(place.Blobs, place.Reader, place.Writer, place.Time, place.NewUlid);
        var delete = await deletion.DeleteAsync(new TimeRange(0, 5), ["up"], Token);
        var name = DeleteDescription.NameOf(delete.Ulid);
        await place.Blobs.WriteAsync(name, new byte[30], WriteCondition.None, Token);
        await Assert.ThrowsAsync<CorruptDataException>(() =>
            new StoreView(place.Blobs, place.Open().Reader).PlanAsync(Everything, Token)
        );
        Assert.Empty((await place.View.PlanAsync(new TimeRange(6, 9), Token)).Deletes);
    }

    [Fact]
    public async Task CorruptRow_OfOneBlock_LeavesTheOthers_AndIsNamed()
    {
        var good = await place.AddAsync(0, 2);
        var bad = await place.AddAsync(2, 4);
        var broken = new Dictionary<string, object> { ["r"] = new byte[9] };
        var row = ManifestKeys.Block(bad.Ulid);
        await place.Tables.CommitAsync("manifest", "main", [new(TableAction.Replace, row, broken)], Token);
        var manifest = await place.Open().Reader.RefreshAsync(Token);
        Assert.Equal(good.Ulid, Assert.Single(manifest.Live).Block.Ulid);
        Assert.Equal(
            $"manifest/main/{row}: offset 5: the checksum does not match",
            Assert.Single(manifest.Problems).Value
        );
    }

    [Fact]
    public async Task CorruptState_IsANamedError()
    {
        await place.AddAsync(0, 2);
        var broken = new Dictionary<string, object> { ["r"] = new byte[9] };
        await place.Tables.CommitAsync("manifest", "main", [new(TableAction.Replace, "state", broken)], Token);
        var failure = await Assert.ThrowsAsync<CorruptDataException>(() => place.Reader.RefreshAsync(Token));
        Assert.Equal("manifest/main/state", failure.Blob);
    }

    private static StoreException Gone() => new(StoreError.NotFound, "gone");

    private sealed class RacingBlobs(IBlobStore inner) : Simulation.PassingBlobs(inner)
    {
        public required Func<Task> AfterList { get; init; }

        public override async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var info in base.ListAsync(prefix, cancellationToken))
            {
                yield return info;
            }
            await AfterList();
        }
    }
}
