using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Rules;

/// <summary>The rows of groups, in the table <c>rules</c>: one for each that has alerts.</summary>
/// <param name="tables">Where the rows are.</param>
internal sealed class GroupRows(ITableStore tables)
{
    /// <summary>The table.</summary>
    public const string Table = "rules";

    private readonly ConcurrentDictionary<string, string> problems = new(StringComparer.Ordinal);

    private const string Partition = "state";
    private const int HashDigits = 32;
    private const int MaxTries = 4;

    /// <summary>Rows that cannot be read: what they said of alerts is begun anew.</summary>
    public IReadOnlyList<string> Problems => [.. problems.Values.Order(StringComparer.Ordinal)];

    /// <summary>Reads a group's row; null when there is none, or it cannot be read: then only the log counts.</summary>
    /// <param name="key">What the log calls the group.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<GroupRow?> ReadAsync(string key, CancellationToken cancellationToken) =>
        (await GetAsync(NameOf(key), cancellationToken)).Row;

    /// <summary>Writes a group's row, unless another process was there with a later evaluation.</summary>
    /// <param name="key">What the log calls the group.</param>
    /// <param name="row">The row.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>What is stored now.</returns>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<GroupRow> WriteAsync(string key, GroupRow row, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        for (var attempt = 1; ; attempt++)
        {
            var (stored, etag) = await GetAsync(name, cancellationToken);
            if (stored is not null && stored.TickMs > row.TickMs)
            {
                return stored;
            }
            row = stored is null ? row : row.Heard(stored);
            var write = etag is null
                ? new TableWrite(TableAction.Insert, name, row.Encode())
                : new TableWrite(TableAction.Replace, name, row.Encode(), etag);
            try
            {
                await tables.CommitAsync(Table, Partition, [write], cancellationToken);
                return row;
            }
            catch (StoreException exception)
                when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound && attempt < MaxTries)
            {
                // Another process was faster, or a try of this one whose outcome was not known: read again.
                continue;
            }
        }
    }

    private async Task<(GroupRow? Row, string? ETag)> GetAsync(string name, CancellationToken cancellationToken)
    {
        var stored = await tables.GetAsync(Table, Partition, name, cancellationToken);
        if (stored is null)
        {
            return (null, null);
        }
        try
        {
            var row = GroupRow.Decode(stored, $"{Table}/{Partition}/{name}");
            problems.TryRemove(name, out _);
            return (row, stored.ETag);
        }
        catch (Exception exception) when (exception is CorruptDataException or ArgumentException)
        {
            // Labels that are not sorted, or stand twice, are an argument that is none.
            problems[name] = $"{exception.Message}; what it said of alerts is begun anew";
            return (null, stored.ETag);
        }
    }

    private static string NameOf(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..HashDigits];
}
