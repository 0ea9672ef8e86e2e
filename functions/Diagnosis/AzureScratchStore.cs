using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Functions.Diagnosis;

/// <summary>Permissions tried in a storage account.</summary>
/// <param name="blobs">Its blobs.</param>
/// <param name="tables">Its tables.</param>
/// <param name="account">Its name, and how we say who we are.</param>
/// <param name="run">The run.</param>
internal sealed class AzureScratchStore(AzureBlobStore blobs, AzureTableStore tables, AzureAccount account, string run)
    : ScratchStore(run)
{
    /// <inheritdoc/>
    public override IBlobStore Blobs => blobs;

    /// <inheritdoc/>
    public override ITableStore Tables => tables;

    /// <inheritdoc/>
    public override string Account => account.Name;

    /// <inheritdoc/>
    public override bool UsesIdentity => account is { Key: null, SharedAccessSignature: null };

    /// <inheritdoc/>
    public override Task MakeContainerAsync(string name, CancellationToken cancellationToken) =>
        blobs.MakeContainerAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task DropContainerAsync(string name, CancellationToken cancellationToken) =>
        blobs.DropContainerAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> HasContainerAsync(string name, CancellationToken cancellationToken) =>
        blobs.HasContainerAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ScratchContainersAsync(CancellationToken cancellationToken) =>
        blobs.ListContainersAsync(ContainerPrefix, cancellationToken);

    /// <inheritdoc/>
    public override Task MakeTableAsync(string name, CancellationToken cancellationToken) =>
        tables.MakeTableAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task DropTableAsync(string name, CancellationToken cancellationToken) =>
        tables.DropTableAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> HasTableAsync(string name, CancellationToken cancellationToken) =>
        tables.HasTableAsync(name, cancellationToken);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ScratchTablesAsync(CancellationToken cancellationToken) =>
        tables.ListTablesAsync(TablePrefix, cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> IsHierarchicalAsync(string blob, CancellationToken cancellationToken) =>
        blobs.IsHierarchicalAsync(blob, cancellationToken);
}
