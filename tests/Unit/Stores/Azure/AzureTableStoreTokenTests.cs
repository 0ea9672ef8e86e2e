using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>The contract of table stores, on Azurite, for an identity without a key.</summary>
public sealed class AzureTableStoreTokenTests(TokenAzuriteFixture azurite) : TableStoreContract
{
    /// <summary>Azurite decodes a body piece by piece: a letter across two records of TLS becomes two that nobody has sent.</summary>
    protected override char Letter => 'a';

    protected override async Task<ITableStore> CreateAsync() =>
        new AzureTableStore(await azurite.AccountAsync(), TimeProvider.System, azurite.Transport());

    protected override Task<ITableStore> OpenAgainAsync() => CreateAsync();
}
