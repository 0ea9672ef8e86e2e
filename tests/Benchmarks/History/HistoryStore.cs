using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;

namespace Tributary.Benchmarks.History;

/// <summary>Where history is written to: a folder, or a storage account.</summary>
internal sealed record HistoryStore(IBlobStore Blobs, ITableStore Tables)
{
    /// <summary>The folder that `--storage local:FOLDER` will name.</summary>
    public static HistoryStore Of(string folder) =>
        new(new LocalBlobStore(folder, TimeProvider.System), new LocalTableStore(folder, TimeProvider.System));

    /// <summary>The account of a connection string.</summary>
    public static HistoryStore OfAccount(string connection)
    {
        var account = AzureAccount.FromConnectionString(connection);
        return new(new AzureBlobStore(account, TimeProvider.System), new AzureTableStore(account, TimeProvider.System));
    }
}
