using System.Security.Cryptography;
using System.Text;
using Tributary.Binary;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Ledger;

/// <summary>The rows of the ledger as they were read last: what they say, their ETags, and which cannot be read.</summary>
internal sealed class LedgerRows
{
    public const string Table = "sources";
    public const string Partition = "memory";

    /// <summary>A row of gaps follows the row of its source.</summary>
    private const string GapsSuffix = "-gaps";

    private const int HashDigits = 32;

    private readonly Dictionary<string, TableRow> rows = new(StringComparer.Ordinal);

    /// <summary>What sources were like, by the rows that can be read.</summary>
    public List<SourceMemory> Memories { get; } = [];

    /// <summary>Their gaps.</summary>
    public List<SourceGaps> Gaps { get; } = [];

    /// <summary>Rows that cannot be read, with the reason: what they said is begun anew.</summary>
    public SortedDictionary<string, string> Problems { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads all rows: one query.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<LedgerRows> ReadAsync(ITableStore tables, CancellationToken cancellationToken)
    {
        var read = new LedgerRows();
        await foreach (var row in tables.QueryAsync(Table, Partition, null, null, cancellationToken))
        {
            read.Add(row);
        }
        return read;
    }

    /// <summary>A source's row: keys of sources have characters that keys of rows may not have.</summary>
    public static string RowOf(string source) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..HashDigits];

    /// <summary>The row of its gaps.</summary>
    public static string GapsRowOf(string source) => RowOf(source) + GapsSuffix;

    /// <summary>The write that makes a row say something else; null when it says so already.</summary>
    public TableWrite? WriteOf(string row, Dictionary<string, object> properties)
    {
        if (!rows.TryGetValue(row, out var stored))
        {
            return new TableWrite(TableAction.Insert, row, properties);
        }
        return Says(row, (byte[])properties[RowBytes.Property])
            ? null
            : new TableWrite(TableAction.Replace, row, properties, stored.ETag);
    }

    /// <summary>Whether a row has exactly these bytes.</summary>
    public bool Says(string row, byte[] record) =>
        rows.TryGetValue(row, out var stored)
        && stored.Properties.TryGetValue(RowBytes.Property, out var value)
        && value is byte[] bytes
        && bytes.AsSpan().SequenceEqual(record);

    /// <summary>The deletions of sources whose rows were not written for a time, by the store's clock.</summary>
    /// <param name="age">So much before the newest row.</param>
    /// <param name="isKept">Says of a row that it stays.</param>
    public List<TableWrite> Old(TimeSpan age, Func<string, bool> isKept)
    {
        var deletions = new List<TableWrite>();
        if (rows.Count == 0)
        {
            return deletions;
        }
        var since = rows.Values.Max(row => row.Timestamp);
        foreach (var (name, row) in rows)
        {
            var source = name.EndsWith(GapsSuffix, StringComparison.Ordinal) ? name[..^GapsSuffix.Length] : name;
            var last = rows.TryGetValue(source, out var memory) ? memory.Timestamp : row.Timestamp;
            if (since - last > age && !isKept(source))
            {
                deletions.Add(new TableWrite(TableAction.Delete, name, null, row.ETag));
            }
        }
        return deletions;
    }

    private void Add(TableRow row)
    {
        rows[row.Row] = row;
        var place = $"{Table}/{Partition}/{row.Row}";
        try
        {
            if (row.Row.EndsWith(GapsSuffix, StringComparison.Ordinal))
            {
                Gaps.Add(SourceGaps.Decode(row, place));
            }
            else
            {
                Memories.Add(SourceMemory.Decode(row, place));
            }
        }
        catch (Exception exception) when (exception is CorruptDataException or ArgumentException)
        {
            // Labels that are not sorted, or stand twice, are an argument that is none.
            Problems[row.Row] = $"{exception.Message}; what it said of a source is begun anew";
        }
    }
}
