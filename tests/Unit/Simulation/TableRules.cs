using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The port's rules for names, keys and transactions: null, or what is wrong.</summary>
internal static class TableRules
{
    private const int MaxKey = 512;

    public static string? Name(string table) =>
        table.Length > 0 && table.All(char.IsAsciiLetterOrDigit) ? null : $"the table name '{table}'";

    public static string? Key(string key) =>
        key.Length <= MaxKey && !key.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c))
            ? null
            : $"the key '{key}'";

    public static string? Transaction(IReadOnlyList<TableWrite> writes)
    {
        if (writes.Count is 0 or > StoreLimits.RowsPerTransaction)
        {
            return $"a transaction of {writes.Count} rows";
        }
        var rows = new HashSet<string>(writes.Count, StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var write in writes)
        {
            if (Key(write.Row) is { } problem)
            {
                return problem;
            }
            if (!rows.Add(write.Row))
            {
                return $"row '{write.Row}' twice in a transaction";
            }
            if (write.Action != TableAction.Delete && write.Properties is null)
            {
                return $"row '{write.Row}' without properties";
            }
            foreach (var (name, value) in write.Properties ?? new Dictionary<string, object>())
            {
                if (BytesOf(value) is not (>= 0 and <= StoreLimits.BytesPerProperty) || name.Length == 0)
                {
                    return $"property '{name}' of row '{write.Row}': its name, type or size";
                }
                bytes += BytesOf(value) + (2 * name.Length);
            }
        }
        return bytes > StoreLimits.BytesPerTransaction ? $"a transaction of {bytes} bytes" : null;
    }

    private static int BytesOf(object value) =>
        value switch
        {
            string text => 2 * text.Length,
            byte[] content => content.Length,
            long or double => sizeof(long),
            bool => 1,
            _ => -1,
        };
}
