using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>The contract of blob stores, on Azurite, for an identity without a key.</summary>
public sealed class AzureBlobStoreTokenTests(TokenAzuriteFixture azurite) : BlobStoreContract
{
    protected override string? CannotAdvance => "Azurite's clock is the machine's";

    protected override async Task<IBlobStore> CreateAsync() =>
        new AzureBlobStore(await azurite.AccountAsync(), TimeProvider.System, azurite.Transport());

    protected override Task<IBlobStore> OpenAgainAsync() => CreateAsync();

    protected override Task AdvanceAsync(TimeSpan time) => throw new NotSupportedException(CannotAdvance);
}
