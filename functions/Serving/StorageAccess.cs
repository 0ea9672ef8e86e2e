using Tributary.Functions.CommandLine;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;

namespace Tributary.Functions.Serving;

/// <summary>Opens the store that the settings name, and turns what it refuses into errors for people.</summary>
internal static class StorageAccess
{
    /// <summary>The blobs of the storage setting.</summary>
    /// <exception cref="CommandException">The setting or the folder is not usable; the message says what to do.</exception>
    public static IBlobStore OpenBlobs(Settings settings, TimeProvider time)
    {
        try
        {
            return settings.ParseStorage() switch
            {
                LocalFolder folder => new LocalBlobStore(folder.Path, time),
                var account => new AzureBlobStore(AzureAccount.FromSetting(account), time),
            };
        }
        catch (StoreException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>The tables of the storage setting.</summary>
    /// <exception cref="CommandException">The setting or the folder is not usable; the message says what to do.</exception>
    public static ITableStore OpenTables(Settings settings, TimeProvider time)
    {
        try
        {
            return settings.ParseStorage() switch
            {
                LocalFolder folder => new LocalTableStore(folder.Path, time),
                var account => new AzureTableStore(AzureAccount.FromSetting(account), time),
            };
        }
        catch (StoreException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>The blobs, for a server: sees before the start that a folder can be written.</summary>
    /// <exception cref="CommandException">The setting or the folder is not usable; the message says what to do.</exception>
    public static IBlobStore OpenBlobsForServing(Settings settings, TimeProvider time)
    {
        var blobs = OpenBlobs(settings, time);
        if (settings.ParseStorage() is LocalFolder folder)
        {
            try
            {
                new StoreFolder(folder.Path).CheckWritable();
            }
            catch (StoreException exception)
            {
                throw Explain(exception);
            }
        }
        return blobs;
    }

    /// <summary>Runs a verb of the command line over the blobs.</summary>
    public static async Task<int> RunAsync(Settings settings, Func<IBlobStore, Task<int>> verb)
    {
        try
        {
            return await verb(OpenBlobs(settings, TimeProvider.System));
        }
        catch (StoreException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>A failure of the store as the reason why a command ends.</summary>
    public static CommandException Explain(StoreException exception) =>
        new(
            $"{exception.Message} ({CommandOptions.StorageName} or {Settings.StorageVariable} says where to store)",
            ExitCode.Failed,
            exception
        );
}
