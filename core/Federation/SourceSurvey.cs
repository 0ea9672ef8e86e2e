using System.Globalization;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>What a source says of itself when it is asked by hand: how many series a selector has, its external labels.</summary>
/// <param name="scraper">Has the clients and the clock.</param>
public sealed class SourceSurvey(Scraper scraper)
{
    /// <summary>A configuration is not longer, and an answer to a count much shorter.</summary>
    private const int MaxAnswerBytes = 8 * 1024 * 1024;

    private readonly SourceInquiry inquiry = new(scraper);

    /// <summary>How many series of a source a selector selects now.</summary>
    /// <returns>The count, or why there is none.</returns>
    public async Task<(long? Series, string Problem)> CountAsync(
        Target target,
        string selector,
        CancellationToken cancellationToken
    )
    {
        var query = "query=" + Uri.EscapeDataString($"count({selector})");
        try
        {
            return (await GetAsync(target, "/api/v1/query", query, ReadCount, cancellationToken), "");
        }
        catch (InquiryException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>The external labels that a source is configured with.</summary>
    /// <returns>The labels, or why they are not known.</returns>
    public async Task<(LabelSet? Labels, string Problem)> ExternalLabelsAsync(
        Target target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await GetAsync(target, "/api/v1/status/config", "", ReadExternalLabels, cancellationToken), "");
        }
        catch (InquiryException exception)
        {
            return (null, exception.Message);
        }
    }

    private Task<T> GetAsync<T>(
        Target target,
        string path,
        string query,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken
    ) =>
        inquiry.GetAsync(
            target,
            path,
            query,
            target.Timeout,
            async (body, token) =>
            {
                using var document = JsonDocument.Parse(await ReadAllAsync(body, token));
                var isSuccess =
                    document.RootElement is { ValueKind: JsonValueKind.Object } root
                    && root.TryGetProperty("status"u8, out var status)
                    && status.ValueEquals("success"u8)
                    && root.TryGetProperty("data"u8, out var data)
                    && data.ValueKind is JsonValueKind.Object;
                return isSuccess
                    ? read(document.RootElement.GetProperty("data"u8))
                    : throw new JsonException("it is not what a Prometheus answers");
            },
            cancellationToken
        );

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[16 * 1024];
        var length = 0;
        while (await body.ReadAsync(bytes.AsMemory(length), cancellationToken) is > 0 and var count)
        {
            length += count;
            if (length > MaxAnswerBytes)
            {
                throw new InvalidDataException($"it is longer than {MaxAnswerBytes} bytes");
            }
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, 2 * length);
            }
        }
        return bytes.AsMemory(0, length);
    }

    private static long ReadCount(JsonElement data)
    {
        if (!data.TryGetProperty("result"u8, out var result) || result.ValueKind is not JsonValueKind.Array)
        {
            throw new JsonException("it has no result");
        }
        if (result.GetArrayLength() == 0)
        {
            // count() of nothing is nothing.
            return 0;
        }
        return
            result[0].TryGetProperty("value"u8, out var value)
            && value is { ValueKind: JsonValueKind.Array }
            && value.GetArrayLength() == 2
            && value[1].ValueKind is JsonValueKind.String
            && double.TryParse(value[1].GetString(), CultureInfo.InvariantCulture, out var count)
            && count is >= 0 and < long.MaxValue
            ? (long)count
            : throw new JsonException("its result is no count");
    }

    private static LabelSet ReadExternalLabels(JsonElement data) =>
        data.TryGetProperty("yaml"u8, out var yaml) && yaml.ValueKind is JsonValueKind.String
            ? ExternalLabelsReader.Read(yaml.GetString()!)
                ?? throw new JsonException("its configuration cannot be read")
            : throw new JsonException("it has no configuration");
}
