using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>Tables in a storage account (or Azurite), over its REST interface.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api</remarks>
public sealed partial class AzureTableStore : ITableStore
{
    private readonly StorageClient client;

    /// <summary>Opens the tables of an account; nothing is sent yet.</summary>
    /// <param name="account">The account.</param>
    /// <param name="time">Dates the requests.</param>
    /// <param name="transport">What sends them; the usual HTTP handler when null.</param>
    /// <param name="options">Waits and retries; <see cref="AzureRequestOptions.Default"/> when null.</param>
    public AzureTableStore(
        AzureAccount account,
        TimeProvider time,
        HttpPipelineTransport? transport = null,
        AzureRequestOptions? options = null
    ) => client = StorageClient.Tables(account, time, transport, options);

    /// <inheritdoc/>
    public StoreOperations Operations => client.Operations;

    /// <inheritdoc/>
    public async Task<TableRow?> GetAsync(
        string table,
        string partition,
        string row,
        CancellationToken cancellationToken
    )
    {
        AzureNames.CheckTable(table);
        AzureNames.CheckKey(partition);
        AzureNames.CheckKey(row);
        var operation = $"read of row '{row}' of '{table}/{partition}'";
        using var message = client.Read(
            OperationClass.TableRead,
            RequestMethod.Get,
            AzureNames.RowPath(table, partition, row)
        );
        SetHeaders(message);
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status switch
        {
            200 => Parse(operation, response, content => TableJson.ReadRow(content.Span)),
            404 when ServiceError.Of(response).Meaning == StoreError.NotFound => null,
            _ => throw Refused(operation, response),
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        AzureNames.CheckTable(table);
        AzureNames.CheckKey(partition);
        var operation = $"query of '{table}/{partition}'";
        var query = $"/{table}()?$filter={Filter(partition, from, to)}{client.PageSize("&$top=")}";
        var next = "";
        do
        {
            using var message = client.Read(OperationClass.TableRead, RequestMethod.Get, query + next);
            SetHeaders(message);
            var response = await client.SendAsync(message, operation, cancellationToken);
            if (response.Status == 404 && ServiceError.Of(response).Meaning == StoreError.NotFound)
            {
                yield break;
            }
            if (response.Status != 200)
            {
                throw Refused(operation, response);
            }
            foreach (var row in Parse(operation, response, content => TableJson.ReadPage(content.Span)))
            {
                yield return row;
            }
            next = Continuation(response);
        } while (next.Length > 0);
    }

    /// <inheritdoc/>
    public async Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        Check(table, partition, writes);
        var operation =
            writes.Count == 1
                ? $"{Name(writes[0].Action)} of row '{writes[0].Row}' of '{table}/{partition}'"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"commit of {writes.Count} rows of '{table}/{partition}'"
                );
        var error = await SendAsync(table, partition, writes, operation, cancellationToken);
        if (error is { Code: ServiceErrors.TableNotFound } && writes.Any(MayCreate))
        {
            await CreateTableAsync(table, cancellationToken);
            error = await SendAsync(table, partition, writes, operation, cancellationToken);
        }
        if (error is { } conflict)
        {
            throw Conflict(operation, writes, conflict);
        }
    }

    private static void Check(string table, string partition, IReadOnlyList<TableWrite> writes)
    {
        AzureNames.CheckTable(table);
        AzureNames.CheckKey(partition);
        if (writes.Count is 0 or > StoreLimits.RowsPerTransaction)
        {
            throw AzureNames.Rejected(
                $"a commit of {writes.Count} rows; it must be 1 to {StoreLimits.RowsPerTransaction}"
            );
        }
        var rows = new HashSet<string>(StringComparer.Ordinal);
        foreach (var write in writes)
        {
            AzureNames.CheckKey(write.Row);
            if (!rows.Add(write.Row))
            {
                throw AzureNames.Rejected($"a commit that writes row '{write.Row}' twice");
            }
        }
    }

    /// <summary>Sends the writes; answers what kept them from happening when a row or the table did, else throws.</summary>
    private async Task<ServiceError?> SendAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        string operation,
        CancellationToken cancellationToken
    )
    {
        using var message = writes.Count == 1 ? Single(table, partition, writes[0]) : Batch(table, partition, writes);
        var response = await client.SendAsync(message, operation, cancellationToken);
        ServiceError? error = null;
        if (response.Status >= 300)
        {
            error = ServiceError.Of(response);
        }
        else if (writes.Count > 1)
        {
            // 202 says only that the batch was read: the parts say what became of it.
            (var successes, error) = TableBatch.Read(Content(response));
            if (error is null && successes != writes.Count)
            {
                const string what = "the answer does not say of every row what became of it";
                throw client.Failures.Failed(StoreError.Unknown, operation, what, "Whether it happened is not known.");
            }
        }
        return error is null or { Meaning: StoreError.ConditionNotMet or StoreError.NotFound }
            ? error
            : throw client.Failures.Refused(operation, error.Value, response);
    }

    private HttpMessage Single(string table, string partition, TableWrite write)
    {
        var request = TableRequest.Of(table, partition, write);
        var message = client.Write(OperationClass.TableWrite, request.Method, request.Path, request.Body);
        SetHeaders(message);
        var headers = message.Request.Headers;
        if (request.IfMatch is { } etag)
        {
            headers.SetValue("If-Match", etag);
        }
        if (!request.Body.IsEmpty)
        {
            headers.SetValue("Content-Type", "application/json");
            headers.SetValue("Prefer", "return-no-content");
        }
        return message;
    }

    private HttpMessage Batch(string table, string partition, IReadOnlyList<TableWrite> writes)
    {
        var body = TableBatch.Write(client.Root, table, partition, writes);
        if (body.Length > StoreLimits.BytesPerTransaction)
        {
            throw AzureNames.Rejected($"a commit of {body.Length} bytes; at most 4 MiB are allowed");
        }
        var message = client.Write(OperationClass.TableWrite, RequestMethod.Post, "/$batch", body);
        SetHeaders(message);
        message.Request.Headers.SetValue("Content-Type", TableBatch.ContentType);
        return message;
    }

    private async Task CreateTableAsync(string table, CancellationToken cancellationToken)
    {
        var operation = $"creation of table '{table}'";
        var body = TableJson.WriteTableName(table);
        using var message = client.Write(OperationClass.Create, RequestMethod.Post, "/Tables", body);
        SetHeaders(message);
        message.Request.Headers.SetValue("Content-Type", "application/json");
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        var response = await client.SendAsync(message, operation, cancellationToken);
        if (response.Status >= 300 && ServiceError.Of(response) is { Code: not "TableAlreadyExists" })
        {
            throw Refused(operation, response);
        }
    }

    /// <summary>A row that exists, is missing or has another ETag; a transaction's error begins with that row's index.</summary>
    private StoreException Conflict(string operation, IReadOnlyList<TableWrite> writes, ServiceError error)
    {
        var colon = error.Text.IndexOf(':', StringComparison.Ordinal);
        var index = 0;
        var isNamed =
            writes.Count == 1
            || (
                colon > 0
                && int.TryParse(error.Text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out index)
                && index < writes.Count
            );
        var row = isNamed ? $"row '{writes[index].Row}'" : $"one of the rows '{writes[0].Row}' to '{writes[^1].Row}'";
        var what = error.Code switch
        {
            "EntityAlreadyExists" => "exists already",
            "ResourceNotFound" or "EntityNotFound" or ServiceErrors.TableNotFound => "is not there",
            _ => "has another ETag",
        };
        var status = error.Status.ToString(CultureInfo.InvariantCulture);
        return client.Failures.Failed(
            StoreError.ConditionNotMet,
            operation,
            $"{row} {what} ({status} {error.Code})",
            "Nothing was written."
        );
    }

    private T Parse<T>(string operation, Response response, Func<ReadOnlyMemory<byte>, T> parse)
    {
        try
        {
            return parse(Content(response));
        }
        catch (Exception e)
            when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw client.Failures.Failed(StoreError.Unknown, operation, "the answer cannot be read", "", e);
        }
    }

    private static ReadOnlyMemory<byte> Content(Response response) =>
        response.ContentStream is MemoryStream ? response.Content.ToMemory() : default;

    private static string Filter(string partition, string? from, string? to)
    {
        var filter = $"PartitionKey eq {Literal(partition)}";
        filter += from is null ? "" : $" and RowKey ge {Literal(from)}";
        filter += to is null ? "" : $" and RowKey lt {Literal(to)}";
        return Uri.EscapeDataString(filter);

        static string Literal(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
    }

    private static string Continuation(Response response)
    {
        var next = "";
        foreach (var name in new[] { "NextPartitionKey", "NextRowKey" })
        {
            if (response.Headers.TryGetValue("x-ms-continuation-" + name, out var value))
            {
                next += $"&{name}={Uri.EscapeDataString(value)}";
            }
        }
        return next;
    }

    private static void SetHeaders(HttpMessage message)
    {
        message.Request.Headers.SetValue("Accept", "application/json;odata=minimalmetadata");
        message.Request.Headers.SetValue("DataServiceVersion", "3.0");
        message.Request.Headers.SetValue("MaxDataServiceVersion", "3.0;NetFx");
    }

    private static bool MayCreate(TableWrite write) =>
        write is { Action: TableAction.Insert } or { Action: TableAction.Replace, IfMatch: null };

    private static string Name(TableAction action) =>
        action switch
        {
            TableAction.Insert => "insertion",
            TableAction.Replace => "replacement",
            _ => "deletion",
        };

    private StoreException Refused(string operation, Response response) =>
        client.Failures.Refused(operation, ServiceError.Of(response), response);
}
