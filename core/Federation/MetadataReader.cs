using System.Text.Json;
using Tributary.Model;

namespace Tributary.Federation;

/// <summary>Reads the answer of a source's <c>/api/v1/metadata</c> while it comes in, and keeps what is wanted of it.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/querying/api/#querying-metric-metadata</remarks>
/// <param name="isWanted">Whether a family is kept.</param>
internal sealed class MetadataReader(Func<string, bool> isWanted)
{
    /// <summary>The longest answer, after decompression.</summary>
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    /// <summary>The longest text in it.</summary>
    private const int MaxTokenBytes = 1024 * 1024;

    /// <summary>A longer help text is cut: nobody reads on.</summary>
    private const int MaxHelpChars = 4096;

    private const int FirstBytes = 64 * 1024;

    // Depths as the JSON reader counts them.
    private const int OfAnswer = 1;
    private const int OfFamilies = 2;
    private const int OfItems = 3;
    private const int OfFields = 4;

    private readonly List<MetricMetadata> found = [];
    private byte[] buffer = new byte[FirstBytes];
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = 16 });
    private string part = "";
    private string status = "";
    private string field = "";
    private string family = "";
    private bool isKept;
    private (string Type, string Help, string Unit) item;

    /// <summary>Reads an answer to its end.</summary>
    /// <exception cref="JsonException">It is no JSON, or not what the API answers with.</exception>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public async Task<IReadOnlyList<MetricMetadata>> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var (length, total) = (0, 0L);
        while (true)
        {
            var count = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            total += count;
            if (total > MaxBodyBytes)
            {
                throw new InvalidDataException($"the answer is longer than {MaxBodyBytes} bytes");
            }
            length += count;
            var used = Read(buffer.AsSpan(0, length), isLast: count == 0);
            if (count == 0)
            {
                break;
            }
            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
            if (length == buffer.Length)
            {
                if (length >= MaxTokenBytes)
                {
                    throw new InvalidDataException($"the answer has a text of more than {MaxTokenBytes} bytes");
                }
                Array.Resize(ref buffer, 2 * length);
            }
        }
        return string.Equals(status, "success", StringComparison.Ordinal)
            ? found
            : throw new JsonException("it is not what a Prometheus answers: it has no status \"success\"");
    }

    /// <summary>Reads as far as tokens are whole.</summary>
    /// <returns>How many bytes are done with.</returns>
    private int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, state);
        while (reader.Read())
        {
            Take(ref reader);
        }
        state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType, reader.CurrentDepth)
        {
            case (JsonTokenType.PropertyName, OfAnswer):
                part = reader.GetString()!;
                break;
            case (JsonTokenType.String, OfAnswer) when part is "status":
                status = reader.GetString()!;
                break;
            case (JsonTokenType.PropertyName, OfFamilies) when part is "data":
                family = reader.GetString()!;
                isKept = isWanted(family);
                break;
            case (JsonTokenType.StartObject, OfItems) when isKept:
                item = ("unknown", "", "");
                break;
            case (JsonTokenType.PropertyName, OfFields) when isKept:
                field = reader.GetString()!;
                break;
            case (JsonTokenType.String, OfFields) when isKept:
                Set(ref reader);
                break;
            case (JsonTokenType.EndObject, OfItems) when isKept:
                found.Add(new MetricMetadata(family, item.Type, item.Help, item.Unit));
                // Of several statements the first: targets of the source that differ are its own affair.
                isKept = false;
                break;
        }
    }

    private void Set(ref Utf8JsonReader reader)
    {
        var text = reader.GetString()!;
        switch (field)
        {
            case "type":
                item.Type = TypeOf(text);
                break;
            case "help":
                item.Help = text.Length <= MaxHelpChars ? text : text[..MaxHelpChars];
                break;
            case "unit":
                item.Unit = text.Length <= MaxHelpChars ? text : "";
                break;
        }
    }

    private static string TypeOf(string text) =>
        text is "counter" or "gauge" or "histogram" or "gaugehistogram" or "summary" or "info" or "stateset"
            ? text
            : "unknown";
}
