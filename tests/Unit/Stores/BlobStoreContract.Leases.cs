using System.Text;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

public abstract partial class BlobStoreContract
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Lease_HeldByOne_IsRefusedToOthers()
    {
        await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), TimeSpan.FromSeconds(60), Token);
        Assert.NotEmpty(lease);
        await FailsAsync(StoreError.LeaseConflict, () => Other.AcquireLeaseAsync(Name("a"), Shortest, Token));
        await Other.RenewLeaseAsync(Name("a"), lease, Token);
        await Store.ReleaseLeaseAsync(Name("a"), lease, Token);
        Assert.NotEqual(lease, await Other.AcquireLeaseAsync(Name("a"), Shortest, Token));
    }

    [Fact]
    public async Task Lease_AcquiredByManyAtOnce_HasOneHolder()
    {
        await WriteAsync("a", "x");
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(i => TryAsync(() => Client(i).AcquireLeaseAsync(Name("a"), Shortest, Token)))
        );
        Assert.Single(outcomes, error => error is null);
        Assert.Equal(Clients - 1, outcomes.Count(error => error == StoreError.LeaseConflict));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14.999)]
    [InlineData(60.001)]
    [InlineData(-1)]
    public async Task Lease_OfAnotherDuration_IsRejected(double seconds)
    {
        await WriteAsync("a", "x");
        await FailsAsync(
            StoreError.Rejected,
            () => Store.AcquireLeaseAsync(Name("a"), TimeSpan.FromSeconds(seconds), Token)
        );
    }

    [Fact]
    public async Task RenewAndRelease_WithAnotherLease_AreRefused()
    {
        await WriteAsync("a", "x");
        var stranger = Guid.NewGuid().ToString();
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await FailsAsync(StoreError.LeaseConflict, () => Other.RenewLeaseAsync(Name("a"), stranger, Token));
        await FailsAsync(StoreError.LeaseConflict, () => Other.ReleaseLeaseAsync(Name("a"), stranger, Token));
        await Store.RenewLeaseAsync(Name("a"), lease, Token);
        await Store.ReleaseLeaseAsync(Name("a"), lease, Token);
        await FailsAsync(StoreError.LeaseConflict, () => Store.RenewLeaseAsync(Name("a"), lease, Token));
        await FailsAsync(StoreError.LeaseConflict, () => Store.ReleaseLeaseAsync(Name("a"), lease, Token));
    }

    [Fact]
    public async Task RenewAndRelease_OfABlobThatIsNotThere_SayNotFound()
    {
        var stranger = Guid.NewGuid().ToString();
        await WriteAsync("another", "x");
        await FailsAsync(StoreError.NotFound, () => Store.RenewLeaseAsync(Name("a"), stranger, Token));
        await FailsAsync(StoreError.NotFound, () => Store.ReleaseLeaseAsync(Name("a"), stranger, Token));
    }

    [Fact]
    public async Task Write_OfALeasedBlob_NeedsTheLease()
    {
        await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await FailsAsync(
            StoreError.LeaseConflict,
            () => Store.WriteAsync(Name("a"), Text("without"), WriteCondition.None, Token)
        );
        await FailsAsync(
            StoreError.LeaseConflict,
            () => Other.WriteAsync(Name("a"), Text("stranger"), new(LeaseId: Guid.NewGuid().ToString()), Token)
        );
        Assert.Equal("x", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
        await Store.WriteAsync(Name("a"), Text("y"), new(LeaseId: lease), Token);
        Assert.Equal("y", Encoding.UTF8.GetString(await ReadAllAsync(Other, "a")));
        await FailsAsync(
            StoreError.LeaseConflict,
            () => Other.WriteAsync(Name("a"), Text("still leased"), WriteCondition.None, Token)
        );
        await Store.RenewLeaseAsync(Name("a"), lease, Token);
        await Store.ReleaseLeaseAsync(Name("a"), lease, Token);
        await WriteAsync("a", "free");
        await FailsAsync(
            StoreError.LeaseConflict,
            () => Store.WriteAsync(Name("a"), Text("lost"), new(LeaseId: lease), Token)
        );
    }

    [Fact]
    public async Task Delete_OfALeasedBlob_IsRefused_AndReadingIsNot()
    {
        await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await FailsAsync(StoreError.LeaseConflict, () => Store.DeleteAsync(Name("a"), null, Token));
        Assert.Equal("x", Encoding.UTF8.GetString(await ReadAllAsync(Other, "a")));
        await Store.ReleaseLeaseAsync(Name("a"), lease, Token);
        Assert.True(await Store.DeleteAsync(Name("a"), null, Token));
    }

    [Fact]
    public async Task Lease_ChangesNothingOfTheBlob()
    {
        var before = await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        Assert.Equal(before, await Store.GetInfoAsync(Name("a"), Token));
        await Store.RenewLeaseAsync(Name("a"), lease, Token);
        await Store.ReleaseLeaseAsync(Name("a"), lease, Token);
        Assert.Equal(before, await Store.GetInfoAsync(Name("a"), Token));
    }

    [Fact]
    public async Task Lease_ThatRanOut_IsFreeForOthers_AndLostToItsHolder()
    {
        Assert.SkipWhen(CannotAdvance is not null, CannotAdvance ?? "");
        await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await AdvanceAsync(Shortest + TimeSpan.FromSeconds(1));
        var next = await Other.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await FailsAsync(StoreError.LeaseConflict, () => Store.RenewLeaseAsync(Name("a"), lease, Token));
        await FailsAsync(StoreError.LeaseConflict, () => Store.ReleaseLeaseAsync(Name("a"), lease, Token));
        await FailsAsync(
            StoreError.LeaseConflict,
            () => Store.WriteAsync(Name("a"), Text("y"), new(LeaseId: lease), Token)
        );
        await Other.WriteAsync(Name("a"), Text("z"), new(LeaseId: next), Token);
    }

    [Fact]
    public async Task Lease_ThatRanOut_DoesNotHinderWritesAndDeletes()
    {
        Assert.SkipWhen(CannotAdvance is not null, CannotAdvance ?? "");
        await WriteAsync("a", "x");
        await WriteAsync("b", "x");
        await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await Store.AcquireLeaseAsync(Name("b"), Shortest, Token);
        await AdvanceAsync(Shortest + TimeSpan.FromSeconds(1));
        await Other.WriteAsync(Name("a"), Text("y"), WriteCondition.None, Token);
        Assert.True(await Other.DeleteAsync(Name("b"), null, Token));
    }

    [Fact]
    public async Task Lease_Renewed_LastsItsDurationFromThen()
    {
        Assert.SkipWhen(CannotAdvance is not null, CannotAdvance ?? "");
        await WriteAsync("a", "x");
        var lease = await Store.AcquireLeaseAsync(Name("a"), Shortest, Token);
        await AdvanceAsync(TimeSpan.FromSeconds(10));
        await Store.RenewLeaseAsync(Name("a"), lease, Token);
        await AdvanceAsync(TimeSpan.FromSeconds(10));
        await FailsAsync(StoreError.LeaseConflict, () => Other.AcquireLeaseAsync(Name("a"), Shortest, Token));
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        await Other.AcquireLeaseAsync(Name("a"), Shortest, Token);
    }
}
