using System.Text;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>What a table's names, keys and transactions may be; the bounds are those of Azure's tables.</summary>
internal static class TableRules
{
    private const int LongestKey = 512;
    private const int LongestName = 63;
    private const int LongestProperty = 255;
    private const int MostProperties = 252;

    /// <summary>Bytes of one row.</summary>
    private const int LargestRow = 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Refuses names of tables and partitions.</summary>
    /// <exception cref="StoreException">Rejected.</exception>
    public static void Check(string table, string partition)
    {
        if (table.Length is 0 or > LongestName || !table.All(char.IsAsciiLetterOrDigit))
        {
            throw Refused($"'{table}' is not a table's name: 1 to {LongestName} letters and digits are wanted");
        }
        CheckKey(partition);
    }

    /// <summary>Refuses what cannot be a key.</summary>
    /// <exception cref="StoreException">Rejected.</exception>
    public static void CheckKey(string key)
    {
        if (key.Length > LongestKey)
        {
            throw Refused($"the key '{key[..40]}…' has {key.Length} characters, at most {LongestKey} are allowed");
        }
        foreach (var c in key)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c))
            {
                throw Refused($"key '{key}': character U+{(int)c:x4} is not allowed");
            }
        }
        CheckText(key, "a key");
    }

    /// <summary>Refuses transactions that no store takes; returns the encoded properties of each write.</summary>
    /// <exception cref="StoreException">Rejected.</exception>
    public static IReadOnlyList<byte[]> CheckAndEncode(IReadOnlyList<TableWrite> writes)
    {
        if (writes.Count is 0 or > StoreLimits.RowsPerTransaction)
        {
            throw Refused($"{writes.Count} rows; one transaction has 1 to {StoreLimits.RowsPerTransaction}");
        }
        var rows = new HashSet<string>(StringComparer.Ordinal);
        var encoded = new List<byte[]>(writes.Count);
        var bytes = 0L;
        foreach (var write in writes)
        {
            CheckKey(write.Row);
            if (!rows.Add(write.Row))
            {
                throw Refused($"row '{write.Row}' is written twice in one transaction");
            }
            var row = write.Action == TableAction.Delete ? [] : Encode(write);
            encoded.Add(row);
            bytes += row.Length + (write.Row.Length * 2L);
        }
        return bytes <= StoreLimits.BytesPerTransaction
            ? encoded
            : throw Refused($"{bytes} bytes; one transaction has at most {StoreLimits.BytesPerTransaction}");
    }

    private static byte[] Encode(TableWrite write)
    {
        var properties = write.Properties ?? throw Refused($"row '{write.Row}' has no properties");
        if (properties.Count > MostProperties)
        {
            throw Refused($"row '{write.Row}' has {properties.Count} properties, at most {MostProperties} are allowed");
        }
        var writer = new ByteWriter();
        writer.WriteUvarint((ulong)properties.Count);
        foreach (var (name, value) in properties)
        {
            CheckProperty(write.Row, name, value);
            TableValues.Write(writer, name, value);
        }
        return writer.Length <= LargestRow
            ? writer.WrittenSpan.ToArray()
            : throw Refused($"row '{write.Row}' has {writer.Length} bytes, at most {LargestRow} are allowed");
    }

    private static void CheckProperty(string row, string name, object value)
    {
        var wellNamed =
            name.Length is > 0 and <= LongestProperty
            && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            && name is not ("PartitionKey" or "RowKey" or "Timestamp");
        if (!wellNamed)
        {
            throw Refused($"row '{row}': '{name}' cannot be the name of a property");
        }
        var bytes = value switch
        {
            string text => text.Length * 2,
            byte[] binary => binary.Length,
            long or bool or double => 0,
            _ => throw Refused($"row '{row}': property '{name}' has the type {value?.GetType().Name ?? "null"}"),
        };
        if (bytes > StoreLimits.BytesPerProperty)
        {
            throw Refused(
                $"row '{row}': property '{name}' has {bytes} bytes, at most {StoreLimits.BytesPerProperty} are allowed"
            );
        }
        if (value is string content)
        {
            CheckText(content, $"property '{name}' of row '{row}'");
        }
    }

    private static void CheckText(string text, string what)
    {
        try
        {
            Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw Refused($"{what} has half a surrogate pair", exception);
        }
    }

    private static StoreException Refused(string problem, Exception? inner = null) =>
        new(StoreError.Rejected, $"local store: {problem}", inner);
}
