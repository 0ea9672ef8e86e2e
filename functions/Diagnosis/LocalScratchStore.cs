using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Functions.Diagnosis;

/// <summary>Permissions tried in a folder: a store of its own inside of it, whose name is no blob's.</summary>
/// <param name="folder">The folder of the store.</param>
/// <param name="run">The run.</param>
/// <param name="time">The clock.</param>
internal sealed class LocalScratchStore(string folder, string run, TimeProvider time) : ScratchStore(run)
{
    /// <summary>Names of blobs have none.</summary>
    private const string Mark = "~";

    private readonly StoreFolder store = new(folder);

    /// <inheritdoc/>
    public override IBlobStore Blobs => field ??= new LocalBlobStore(PathOf(Container), time);

    /// <inheritdoc/>
    public override ITableStore Tables => field ??= new LocalTableStore(PathOf(Container), time);

    /// <inheritdoc/>
    public override Task MakeContainerAsync(string name, CancellationToken cancellationToken) =>
        store.RunAsync("make a folder in", name, () => Directory.CreateDirectory(PathOf(name)), cancellationToken);

    /// <inheritdoc/>
    public override Task DropContainerAsync(string name, CancellationToken cancellationToken) =>
        store.RunAsync("remove a folder from", name, () => Remove(PathOf(name)), cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> HasContainerAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(Directory.Exists(Path.Join(store.Root, name)));

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ScratchContainersAsync(CancellationToken cancellationToken) =>
        store.RunAsync<IReadOnlyList<string>>(
            "list",
            "",
            () =>
                [
                    .. Directory
                        .EnumerateDirectories(store.Root, Mark + ContainerPrefix + "*")
                        .Select(path => Path.GetFileName(path)[Mark.Length..]),
                ],
            cancellationToken
        );

    /// <summary>A table is made by its first row.</summary>
    public override Task MakeTableAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything of the run is in one folder.</summary>
    public override Task DropTableAsync(string name, CancellationToken cancellationToken) =>
        DropContainerAsync(Container, cancellationToken);

    /// <inheritdoc/>
    public override Task<bool> HasTableAsync(string name, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ScratchTablesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    private string PathOf(string name) => Path.Join(store.Root, Mark + name);

    private static bool Remove(string path)
    {
        if (!Directory.Exists(path))
        {
            return false;
        }
        Directory.Delete(path, recursive: true);
        return true;
    }
}
