using System.Text.Json;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Federation;

/// <summary>What a source's configuration says that pulls need.</summary>
/// <param name="ExternalLabels">The labels that it adds to what it federates.</param>
/// <param name="OverlapMs">How long its scrapes may last: behind its newest sample it may append as late; milliseconds.</param>
internal sealed record SourceFacts(LabelSet ExternalLabels, long OverlapMs)
{
    private const int MaxLabels = 256;

    /// <summary>A scrape takes no longer where nothing is said, as in Prometheus.</summary>
    private const long DefaultTimeoutMs = 10_000;

    /// <summary>Reads the answer of <c>/api/v1/status/config</c>.</summary>
    /// <exception cref="SourceApiException">It is none.</exception>
    public static SourceFacts Parse(ReadOnlySpan<byte> answer)
    {
        var errors = new ErrorList("the source's configuration");
        if (YamlTree.Read(YamlOf(answer), errors) is not YamlMapping root)
        {
            throw new SourceApiException(
                SourceApiProblem.Damaged,
                "/api/v1/status/config has a configuration that cannot be read"
            );
        }
        var global = root.Find("global")?.Value as YamlMapping;
        var timeout = TimeoutOf(global) ?? DefaultTimeoutMs;
        if (root.Find("scrape_configs")?.Value is YamlSequence jobs)
        {
            timeout = jobs.Items.Select(job => TimeoutOf(job as YamlMapping) ?? 0).Append(timeout).Max();
        }
        return new SourceFacts(LabelsOf(global), Math.Clamp(timeout, PullLimits.MinOverlapMs, PullLimits.MaxOverlapMs));
    }

    private static LabelSet LabelsOf(YamlMapping? global)
    {
        if (global?.Find("external_labels")?.Value is not YamlMapping labels)
        {
            return LabelSet.Empty;
        }
        return labels.Entries.Count > MaxLabels
            ? throw new SourceApiException(
                SourceApiProblem.Refused,
                $"the source has {labels.Entries.Count} external labels"
            )
            : LabelSet.Of(
                labels.Entries.Select(entry => new Label(entry.Key, (entry.Value as YamlScalar)?.Value ?? ""))
            );
    }

    private static long? TimeoutOf(YamlMapping? section) =>
        section?.Find("scrape_timeout")?.Value is YamlScalar text
        && DurationText.TryParse(text.Value, out var timeout, out _)
            ? (long)timeout.TotalMilliseconds
            : null;

    private static string YamlOf(ReadOnlySpan<byte> answer)
    {
        try
        {
            var reader = new Utf8JsonReader(answer);
            while (reader.Read())
            {
                if (
                    reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 2 }
                    && reader.ValueTextEquals("yaml"u8)
                    && reader.Read()
                    && reader.TokenType is JsonTokenType.String
                )
                {
                    return reader.GetString()!;
                }
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new SourceApiException(SourceApiProblem.Damaged, "/api/v1/status/config answered with no JSON");
        }
        throw new SourceApiException(SourceApiProblem.Damaged, "/api/v1/status/config answered without data.yaml");
    }
}
