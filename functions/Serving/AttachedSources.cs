using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Storage.Attached;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Functions.Serving;

/// <summary>Opens the containers that the configuration attaches; those that stay in it keep what is known of them.</summary>
/// <param name="settings">Where our own storage is.</param>
/// <param name="blobs">Our own storage.</param>
/// <param name="store">Reads them.</param>
/// <param name="time">The clock.</param>
internal sealed class AttachedSources(Settings settings, IBlobStore blobs, StoreReader store, TimeProvider time)
    : IDisposable
{
    private readonly Dictionary<AttachedConfig, AttachedContainer> open = [];

    /// <summary>Takes a configuration.</summary>
    public void Configure(IReadOnlyList<AttachedConfig> configs)
    {
        foreach (var gone in open.Keys.Except(configs).ToList())
        {
            // A request may be reading it: nothing of it is closed.
            open.Remove(gone);
        }
        foreach (var config in configs.Where(config => !open.ContainsKey(config)))
        {
            open.Add(config, Open(config));
        }
        store.Attached = [.. configs.Select(config => open[config])];
    }

    /// <summary>What is in them.</summary>
    public async Task<IReadOnlyList<AttachedStatus>> StatusAsync(CancellationToken cancellationToken)
    {
        var all = new List<AttachedStatus>();
        foreach (var container in store.Attached)
        {
            all.Add(new AttachedStatus(container.Name, await container.ListAsync(cancellationToken)));
        }
        return all;
    }

    public void Dispose()
    {
        foreach (var container in open.Values)
        {
            container.Dispose();
        }
    }

    private AttachedContainer Open(AttachedConfig config)
    {
        var folder =
            config.Folder
            ?? (settings.ParseStorage() is LocalFolder local ? Path.Combine(local.Path, config.Container!) : null);
        return folder is null
            ? new AttachedContainer(
                config.Name,
                blobs,
                $"{config.Container}/{config.Prefix}",
                config.RefreshInterval,
                time
            )
            : new AttachedContainer(config.Name, new FolderBlobs(folder), config.Prefix, config.RefreshInterval, time);
    }
}
