using System.Text.Json;
using Tributary.Storage.Head;

namespace Tributary.Api;

/// <summary>The data of <c>/api/v1/status/tsdb</c>.</summary>
internal static class TsdbStatusJson
{
    /// <summary>Writes it; an empty head has the present as its times, as Prometheus' nearly has.</summary>
    public static void Write(Utf8JsonWriter json, HeadStatistics head, long nowMs)
    {
        json.WriteStartObject();
        json.WriteStartObject("headStats"u8);
        json.WriteNumber("numSeries"u8, head.Series);
        json.WriteNumber("numLabelPairs"u8, head.LabelPairs);
        json.WriteNumber("chunkCount"u8, head.Chunks);
        json.WriteNumber("minTime"u8, head.OldestMs ?? nowMs);
        json.WriteNumber("maxTime"u8, head.NewestMs ?? nowMs);
        json.WriteEndObject();
        Write(json, "seriesCountByMetricName", head.SeriesByMetricName);
        Write(json, "labelValueCountByLabelName", head.ValuesByLabelName);
        Write(json, "memoryInBytesByLabelName", head.BytesByLabelName);
        Write(json, "seriesCountByLabelValuePair", head.SeriesByLabelPair);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, long>> entries)
    {
        json.WriteStartArray(name);
        foreach (var (text, value) in entries)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, text);
            json.WriteNumber("value"u8, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
