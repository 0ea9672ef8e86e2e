using Azure;
using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>Whole tables: what operators look at, and the store itself does not need.</summary>
public sealed partial class AzureTableStore
{
    /// <summary>Whether a table is there.</summary>
    /// <exception cref="StoreException">Denied: this identity may not know.</exception>
    internal async Task<bool> HasTableAsync(string table, CancellationToken cancellationToken) =>
        (await ListTablesAsync(table, cancellationToken)).Contains(table, StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes a table; one that is there is left as it is.</summary>
    /// <exception cref="StoreException">It cannot be made.</exception>
    internal Task MakeTableAsync(string table, CancellationToken cancellationToken)
    {
        AzureNames.CheckTable(table);
        return CreateTableAsync(table, cancellationToken);
    }

    /// <summary>Deletes a table with all that is in it; one that is not there is gone already.</summary>
    /// <exception cref="StoreException">It cannot be deleted.</exception>
    internal async Task DropTableAsync(string table, CancellationToken cancellationToken)
    {
        AzureNames.CheckTable(table);
        var operation = $"deletion of table '{table}'";
        using var message = client.Write(OperationClass.TableWrite, RequestMethod.Delete, $"/Tables('{table}')");
        SetHeaders(message);
        var response = await client.SendAsync(message, operation, cancellationToken);
        if (response.Status != 204 && ServiceError.Of(response).Meaning != StoreError.NotFound)
        {
            throw Refused(operation, response);
        }
    }

    /// <summary>The tables whose names begin with a prefix of letters and digits.</summary>
    /// <exception cref="StoreException">They cannot be listed.</exception>
    internal async Task<IReadOnlyList<string>> ListTablesAsync(string prefix, CancellationToken cancellationToken)
    {
        const string operation = "list of tables";
        var filter = Uri.EscapeDataString($"TableName ge '{prefix}' and TableName lt '{prefix}~'");
        var names = new List<string>();
        var next = "";
        do
        {
            var query = $"/Tables?$filter={filter}{client.PageSize("&$top=")}{next}";
            using var message = client.Read(OperationClass.TableRead, RequestMethod.Get, query);
            SetHeaders(message);
            var response = await client.SendAsync(message, operation, cancellationToken);
            if (response.Status != 200)
            {
                throw Refused(operation, response);
            }
            names.AddRange(Parse(operation, response, TableJson.ReadTableNames));
            next = NextTable(response);
        } while (next.Length > 0);
        return [.. names.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))];
    }

    private static string NextTable(Response response) =>
        response.Headers.TryGetValue("x-ms-continuation-NextTableName", out var name)
            ? "&NextTableName=" + Uri.EscapeDataString(name)
            : "";
}
