using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tributary.Stores.Azure;

/// <summary>Rows as the tables' JSON: plain values, with their types beside them where JSON has no such type.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations</remarks>
internal static class TableJson
{
    private const string TypeSuffix = "@odata.type";
    private const int LongestPropertyName = 255;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entity that a write puts.</summary>
    /// <exception cref="StoreException">Rejected: a value of another type, or too large.</exception>
    public static ReadOnlyMemory<byte> Write(string partition, TableWrite write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("PartitionKey", partition);
            json.WriteString("RowKey", write.Row);
            foreach (var (name, value) in write.Properties ?? new Dictionary<string, object>())
            {
                CheckName(write.Row, name);
                WriteProperty(json, write.Row, name, value);
            }
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> WriteTableName(string table)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("TableName", table);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>The names in a list of tables.</summary>
    /// <exception cref="JsonException">Not a list.</exception>
    /// <exception cref="InvalidOperationException">A name is no text.</exception>
    public static List<string> ReadTableNames(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        if (
            document.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("value"u8, out var tables)
            || tables.ValueKind is not JsonValueKind.Array
        )
        {
            throw new JsonException("not a list of tables");
        }
        var names = new List<string>();
        foreach (var table in tables.EnumerateArray())
        {
            names.Add(
                table.ValueKind is JsonValueKind.Object && table.TryGetProperty("TableName"u8, out var name)
                    ? name.GetString() ?? ""
                    : throw new JsonException("a table without a name")
            );
        }
        return names;
    }

    /// <exception cref="JsonException">Not a row.</exception>
    /// <exception cref="FormatException">A value is not what its type says.</exception>
    public static TableRow ReadRow(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject
            ? ReadRow(ref reader)
            : throw new JsonException("not a row");
    }

    /// <exception cref="JsonException">Not a page.</exception>
    /// <exception cref="FormatException">A value is not what its type says.</exception>
    public static List<TableRow> ReadPage(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        List<TableRow>? rows = null;
        while (reader.Read())
        {
            if (
                reader is not { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 }
                || !reader.ValueTextEquals("value")
            )
            {
                continue;
            }
            rows = [];
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("a page whose rows are no list");
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                rows.Add(ReadRow(ref reader));
            }
        }
        return rows ?? throw new JsonException("a page without rows");
    }

    private static void CheckName(string row, string name)
    {
        var isName =
            name.Length is > 0 and <= LongestPropertyName
            && (char.IsAsciiLetter(name[0]) || name[0] == '_')
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (!isName || name is "PartitionKey" or "RowKey" or "Timestamp")
        {
            throw AzureNames.Rejected($"row '{row}' has a property '{name}', which cannot be a property's name");
        }
    }

    private static void WriteProperty(Utf8JsonWriter json, string row, string name, object value)
    {
        switch (value)
        {
            case string text when text.Length * sizeof(char) <= StoreLimits.BytesPerProperty:
                json.WriteString(name, text);
                break;
            case byte[] bytes when bytes.Length <= StoreLimits.BytesPerProperty:
                json.WriteString(name + TypeSuffix, "Edm.Binary");
                json.WriteBase64String(name, bytes);
                break;
            case string or byte[]:
                throw AzureNames.Rejected($"property '{name}' of row '{row}' is longer than 64 KiB");
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case long number:
                json.WriteString(name + TypeSuffix, "Edm.Int64");
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                json.WriteString(name + TypeSuffix, "Edm.Double");
                WriteDouble(json, name, number);
                break;
            default:
                throw AzureNames.Rejected(
                    $"property '{name}' of row '{row}' is a {value?.GetType().Name ?? "null"}, "
                        + "not a string, long, bool, double or byte[]"
                );
        }
    }

    private static void WriteDouble(Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteString(
                name,
                double.IsNaN(number) ? "NaN"
                    : number > 0 ? "Infinity"
                    : "-Infinity"
            );
        }
    }

    private static TableRow ReadRow(ref Utf8JsonReader reader)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name.EndsWith(TypeSuffix, StringComparison.Ordinal))
            {
                types[name[..^TypeSuffix.Length]] = reader.GetString() ?? "";
            }
            else if (ReadValue(ref reader) is { } value)
            {
                values[name] = value;
            }
        }
        var key = Take(values, "RowKey");
        var etag = Take(values, "odata.etag");
        var timestamp = Take(values, "Timestamp");
        values.Remove("PartitionKey");
        foreach (var name in values.Keys.Where(name => name.StartsWith("odata.", StringComparison.Ordinal)).ToList())
        {
            values.Remove(name);
        }
        foreach (var (name, type) in types)
        {
            if (values.TryGetValue(name, out var value))
            {
                values[name] = Typed(type, value);
            }
        }
        var written = DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return new TableRow(key, etag, written, values);
    }

    private static string Take(Dictionary<string, object> values, string name) =>
        values.Remove(name, out var value) && value is string text
            ? text
            : throw new JsonException($"a row without {name}");

    private static object? ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Number:
                // Whole numbers of 64 bits come as texts; what comes as a number is a double (or another's Int32).
                return reader.GetDouble();
            default:
                reader.Skip();
                return null;
        }
    }

    private static object Typed(string type, object value) =>
        (type, value) switch
        {
            ("Edm.Int64", string text) => long.Parse(text, CultureInfo.InvariantCulture),
            ("Edm.Int32", double number) => (long)number,
            ("Edm.Binary", string text) => Convert.FromBase64String(text),
            ("Edm.Double", string text) => double.Parse(text, CultureInfo.InvariantCulture),
            _ => value,
        };
}
