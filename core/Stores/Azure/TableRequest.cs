using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>One write of a row as a request: alone, or as a part of a transaction.</summary>
internal readonly record struct TableRequest(
    RequestMethod Method,
    string Path,
    string? IfMatch,
    ReadOnlyMemory<byte> Body
)
{
    public static TableRequest Of(string table, string partition, TableWrite write) =>
        write.Action switch
        {
            TableAction.Insert => new(RequestMethod.Post, "/" + table, null, TableJson.Write(partition, write)),
            TableAction.Replace => new(
                RequestMethod.Put,
                AzureNames.RowPath(table, partition, write.Row),
                write.IfMatch,
                TableJson.Write(partition, write)
            ),
            TableAction.Delete => new(
                RequestMethod.Delete,
                AzureNames.RowPath(table, partition, write.Row),
                write.IfMatch ?? "*",
                default
            ),
            _ => throw AzureNames.Rejected($"row '{write.Row}' has no known action"),
        };
}
