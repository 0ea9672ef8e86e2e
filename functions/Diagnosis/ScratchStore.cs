using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Functions.Diagnosis;

/// <summary>A store in which permissions are tried: both ports, and what belongs to containers and tables as a whole.</summary>
/// <remarks>
/// Everything that is tried goes into a container and a table of the run's own. Their names say what they are and when
/// they were made, so that a later run removes what a killed one left.
/// </remarks>
/// <param name="run">The run: 26 small letters and digits, which begin with its time.</param>
internal abstract class ScratchStore(string run)
{
    /// <summary>What the names of scratch containers begin with.</summary>
    public const string ContainerPrefix = "tributary-doctor-";

    /// <summary>What the names of scratch tables begin with; they have no dashes.</summary>
    public const string TablePrefix = "tributarydoctor";

    /// <summary>The run's own container.</summary>
    public string Container { get; } = ContainerPrefix + run;

    /// <summary>The run's own table.</summary>
    public string Table { get; } = TablePrefix + run;

    /// <summary>The blobs.</summary>
    public abstract IBlobStore Blobs { get; }

    /// <summary>The tables.</summary>
    public abstract ITableStore Tables { get; }

    /// <summary>The account's name; empty for a folder.</summary>
    public virtual string Account => "";

    /// <summary>Whether the account is asked with an identity, which needs roles.</summary>
    public virtual bool UsesIdentity => false;

    /// <summary>Opens the store of the settings.</summary>
    /// <exception cref="CommandException">The setting cannot be used.</exception>
    public static ScratchStore Open(Settings settings, string run, TimeProvider time) =>
        settings.ParseStorage() is LocalFolder folder
            ? new LocalScratchStore(folder.Path, run, time)
            : new AzureScratchStore(
                (AzureBlobStore)StorageAccess.OpenBlobs(settings, time),
                (AzureTableStore)StorageAccess.OpenTables(settings, time),
                AzureAccount.FromSetting(settings.ParseStorage()),
                run
            );

    /// <summary>Makes a container.</summary>
    /// <exception cref="StoreException">It cannot be made.</exception>
    public abstract Task MakeContainerAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes a container with what is in it.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public abstract Task DropContainerAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whether there is a container.</summary>
    /// <exception cref="StoreException">Nobody says.</exception>
    public abstract Task<bool> HasContainerAsync(string name, CancellationToken cancellationToken);

    /// <summary>The scratch containers of all runs.</summary>
    /// <exception cref="StoreException">Nobody says.</exception>
    public abstract Task<IReadOnlyList<string>> ScratchContainersAsync(CancellationToken cancellationToken);

    /// <summary>Makes a table.</summary>
    /// <exception cref="StoreException">It cannot be made.</exception>
    public abstract Task MakeTableAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes a table with what is in it.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public abstract Task DropTableAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whether there is a table.</summary>
    /// <exception cref="StoreException">Nobody says.</exception>
    public abstract Task<bool> HasTableAsync(string name, CancellationToken cancellationToken);

    /// <summary>The scratch tables of all runs.</summary>
    /// <exception cref="StoreException">Nobody says.</exception>
    public abstract Task<IReadOnlyList<string>> ScratchTablesAsync(CancellationToken cancellationToken);

    /// <summary>Whether the account has a hierarchical namespace, seen by one of its blobs.</summary>
    /// <exception cref="StoreException">Nobody says.</exception>
    public virtual Task<bool> IsHierarchicalAsync(string blob, CancellationToken cancellationToken) =>
        Task.FromResult(false);
}
