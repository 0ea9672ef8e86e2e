using System.Globalization;
using System.Text.Json;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>What a source says of itself when it is asked by hand: how many series a selector has, its external labels.</summary>
/// <param name="scraper">Has the clients, the clock and the limits.</param>
public sealed class SourceSurvey(Scraper scraper)
{
    private const string QueryPath = "/api/v1/query";
    private const string ConfigPath = "/api/v1/status/config";

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
            return (ReadCount(await inquiry.GetWholeAsync(target, QueryPath, query, cancellationToken)), "");
        }
        catch (SourceApiException exception)
        {
            return (null, exception.Message);
        }
        catch (JsonException exception)
        {
            return (null, $"the answer of {QueryPath} is not usable: {exception.Message}");
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
            var answer = await inquiry.GetWholeAsync(target, ConfigPath, "", cancellationToken);
            return (SourceFacts.Parse(answer).ExternalLabels, "");
        }
        catch (SourceApiException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <exception cref="JsonException">It is no answer with a count.</exception>
    private static long ReadCount(ReadOnlyMemory<byte> answer)
    {
        using var document = JsonDocument.Parse(answer);
        if (
            document.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("status"u8, out var status)
            || status.ValueKind is not JsonValueKind.String
            || !status.ValueEquals("success"u8)
            || !root.TryGetProperty("data"u8, out var data)
            || data.ValueKind is not JsonValueKind.Object
        )
        {
            throw new JsonException("it is not what a Prometheus answers");
        }
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
            result[0] is { ValueKind: JsonValueKind.Object } first
            && first.TryGetProperty("value"u8, out var value)
            && value is { ValueKind: JsonValueKind.Array }
            && value.GetArrayLength() == 2
            && value[1].ValueKind is JsonValueKind.String
            && double.TryParse(value[1].GetString(), CultureInfo.InvariantCulture, out var count)
            && count is >= 0 and < long.MaxValue
            ? (long)count
            : throw new JsonException("its result is no count");
    }
}
