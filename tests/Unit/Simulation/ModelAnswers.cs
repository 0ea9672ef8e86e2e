using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.RemoteRead;
using Tributary.Storage.Chunks;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a model Prometheus answers at a moment.</summary>
internal static class ModelAnswers
{
    private const string Json = "application/json";

    /// <summary>A plus sign stays one, as in Prometheus' own writer.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private const string Frames = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
    private const int ChunkSamples = 20;
    private static readonly long LookbackMs = (long)TimeSpan.FromMinutes(5).TotalMilliseconds;

    /// <summary>Answers a request whose body has been read.</summary>
    public static ModelAnswer Answer(ModelPrometheus prometheus, HttpRequestMessage request, byte[] body, long nowMs)
    {
        prometheus.LiveUntil(nowMs);
        var path = request.RequestUri!.AbsolutePath;
        if (!path.StartsWith(prometheus.Prefix + "/", StringComparison.Ordinal))
        {
            return NotThere();
        }
        path = path[prometheus.Prefix.Length..];
        var isForm = request.Content?.Headers.ContentType?.MediaType == "application/x-www-form-urlencoded";
        var fields = Fields(request.RequestUri.Query.TrimStart('?'))
            .Concat(isForm ? Fields(Encoding.UTF8.GetString(body)) : [])
            .ToLookup(field => field.Name, field => field.Value, StringComparer.Ordinal);
        return prometheus.Missing.Contains(path)
            ? NotThere()
            : path switch
            {
                "/federate" => Federate(prometheus, fields["match[]"], nowMs),
                "/api/v1/query" => Query(prometheus, fields, nowMs),
                "/api/v1/read" => Read(prometheus, ReadRequest.Parse(body), nowMs),
                "/api/v1/status/config" => Config(prometheus),
                "/api/v1/label/__name__/values" => Names(prometheus, nowMs),
                _ => NotThere(),
            };
    }

    /// <summary>The error that the query API sends.</summary>
    public static ModelAnswer Error(HttpStatusCode status, string type, string text) =>
        new(
            status,
            Json,
            Encoding.UTF8.GetBytes($"{{\"status\":\"error\",\"errorType\":\"{type}\",\"error\":\"{text}\"}}")
        );

    private static ModelAnswer NotThere() =>
        new(HttpStatusCode.NotFound, "text/plain; charset=utf-8", "404 page not found\n"u8.ToArray());

    private static ModelAnswer Federate(ModelPrometheus prometheus, IEnumerable<string> matches, long nowMs)
    {
        var text = new StringBuilder();
        var selectors = matches.Select(SelectorParser.Parse).ToList();
        var lines = prometheus
            .Series.Where(series => selectors.Exists(selector => selector.Matches(series.Labels)))
            .Select(series => (series.Labels, Sample: Newest(prometheus, series, nowMs)))
            .Where(line => line.Sample is { IsMarker: false } && line.Labels.MetricName.Length > 0)
            .OrderBy(line => line.Labels.MetricName, StringComparer.Ordinal);
        var last = "";
        foreach (var (labels, sample) in lines)
        {
            if (labels.MetricName != last)
            {
                last = labels.MetricName;
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {last} untyped\n");
            }
            var shown = prometheus
                .Federated(labels)
                .Where(label => label.Key != LabelSet.MetricNameLabel)
                .Select(label => $"{label.Key}=\"{Escape(label.Value)}\"");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{last}{{{string.Join(',', shown)}}} {Number(sample!.Value.Value)} {sample.Value.TimestampMs}\n"
            );
        }
        return new ModelAnswer(
            HttpStatusCode.OK,
            "text/plain; version=0.0.4; charset=utf-8",
            Encoding.UTF8.GetBytes(text.ToString())
        );
    }

    private static ModelAnswer Query(ModelPrometheus prometheus, ILookup<string, string> fields, long nowMs)
    {
        var query = fields["query"].Single();
        var timeMs = fields["time"].FirstOrDefault() is { } time
            ? (long)(decimal.Parse(time, CultureInfo.InvariantCulture) * 1000)
            : nowMs;
        var selected = new List<(LabelSet Labels, List<TruthSample> Samples)>();
        var isMatrix = query.EndsWith(']');
        var rangeMs = LookbackMs;
        if (isMatrix)
        {
            var open = query.LastIndexOf('[');
            if (!DurationText.TryParse(query[(open + 1)..^1], out var duration, out _))
            {
                return Error(HttpStatusCode.BadRequest, "bad_data", $"no duration: {query.Replace('"', '\'')}");
            }
            (rangeMs, query) = ((long)duration.TotalMilliseconds, query[..open]);
        }
        var selector = SelectorParser.Parse(query);
        var oldestMs = nowMs - (long)prometheus.Retention.TotalMilliseconds;
        var range = new TimeRange(Math.Max(timeMs - rangeMs + 1, oldestMs), timeMs);
        foreach (var series in prometheus.Series.Where(series => selector.Matches(series.Labels)))
        {
            var samples =
                isMatrix ? [.. series.Seen(range, nowMs).Where(sample => !sample.IsMarker)]
                : series.Newest(range, nowMs) is { IsMarker: false } newest ? [newest]
                : new List<TruthSample>();
            if (samples.Count > 0)
            {
                selected.Add((series.Labels, samples));
            }
        }
        return selected.Sum(one => one.Samples.Count) > prometheus.MaxSamples
            ? Error(
                HttpStatusCode.UnprocessableEntity,
                "execution",
                "query processing would load too many samples into memory in query execution"
            )
            : Result(isMatrix, timeMs, selected);
    }

    private static ModelAnswer Result(
        bool isMatrix,
        long timeMs,
        List<(LabelSet Labels, List<TruthSample> Samples)> selected
    )
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteStartObject("data");
            json.WriteString("resultType", isMatrix ? "matrix" : "vector");
            json.WriteStartArray("result");
            foreach (var (labels, samples) in selected)
            {
                json.WriteStartObject();
                json.WriteStartObject("metric");
                foreach (var label in labels.Labels)
                {
                    json.WriteString(label.Name, label.Value);
                }
                json.WriteEndObject();
                if (isMatrix)
                {
                    json.WriteStartArray("values");
                    samples.ForEach(sample => WritePoint(json, sample.TimestampMs, sample.Value));
                    json.WriteEndArray();
                }
                else
                {
                    json.WritePropertyName("value");
                    WritePoint(json, timeMs, samples[0].Value);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new ModelAnswer(HttpStatusCode.OK, Json, bytes.ToArray());
    }

    private static void WritePoint(Utf8JsonWriter json, long timestampMs, double value)
    {
        json.WriteStartArray();
        json.WriteRawValue(
            timestampMs % 1000 == 0
                ? (timestampMs / 1000).ToString(CultureInfo.InvariantCulture)
                : (timestampMs / 1000m).ToString("0.000", CultureInfo.InvariantCulture)
        );
        json.WriteStringValue(Number(value));
        json.WriteEndArray();
    }

    private static ModelAnswer Read(ModelPrometheus prometheus, ReadRequest request, long nowMs)
    {
        if (!request.IsChunked)
        {
            return new ModelAnswer(HttpStatusCode.BadRequest, "text/plain", "only chunks are modelled\n"u8.ToArray());
        }
        var output = new ByteWriter(4096);
        for (var index = 0; index < request.Queries.Count; index++)
        {
            var query = request.Queries[index];
            // As upstream: what asks for an external label's value asks for series without such a label.
            var matchers = query.Within(prometheus.External).Matchers;
            var oldestMs = nowMs - (long)prometheus.Retention.TotalMilliseconds;
            var range = query.Range with { MinMs = Math.Max(query.Range.MinMs, oldestMs) };
            foreach (var series in prometheus.Series.Where(one => matchers.All(matcher => matcher.Matches(one.Labels))))
            {
                foreach (var chunk in Chunks(prometheus, series, range, nowMs))
                {
                    WriteFrame(output, index, prometheus.Federated(series.Labels), chunk);
                }
            }
        }
        return new ModelAnswer(HttpStatusCode.OK, Frames, output.WrittenSpan.ToArray());
    }

    private static List<ChunkData> Chunks(ModelPrometheus prometheus, ModelTruth series, TimeRange range, long nowMs)
    {
        var chunks = new List<ChunkData>();
        var samples = series.Samples;
        var begin = series.IndexOf(range.MinMs) / ChunkSamples * ChunkSamples;
        for (; begin < samples.Count && samples[begin].TimestampMs <= range.MaxMs; begin += ChunkSamples)
        {
            var sent = new List<Sample>();
            var isTouched = false;
            for (var i = begin; i < Math.Min(begin + ChunkSamples, samples.Count) && samples[i].VisibleMs <= nowMs; i++)
            {
                var isAsked = range.Contains(samples[i].TimestampMs);
                isTouched |= isAsked;
                if (isAsked || !prometheus.TrimsChunks)
                {
                    sent.Add(new Sample(samples[i].TimestampMs, samples[i].Value));
                }
            }
            if (isTouched)
            {
                SampleChunks.Encode(sent, chunks);
            }
        }
        return chunks;
    }

    private static void WriteFrame(
        ByteWriter output,
        int query,
        IReadOnlyDictionary<string, string> labels,
        in ChunkData chunk
    )
    {
        var (message, series, part) = (new ByteWriter(), new ByteWriter(), new ByteWriter());
        foreach (var (name, value) in labels.Where(label => label.Value.Length > 0))
        {
            part.Clear();
            part.WriteString(1, name);
            part.WriteString(2, value);
            series.WriteMessage(1, part);
        }
        part.Clear();
        part.WriteNumber(1, (ulong)chunk.MinMs);
        part.WriteNumber(2, (ulong)chunk.MaxMs);
        part.WriteNumber(3, (ulong)chunk.Encoding);
        part.WriteBytes(4, chunk.Bytes.Span);
        series.WriteMessage(2, part);
        message.WriteMessage(1, series);
        message.WriteNumber(2, (ulong)query);
        output.WriteUvarint((ulong)message.Length);
        output.WriteUInt32(Crc32C.Compute(message.WrittenSpan));
        output.WriteBytes(message.WrittenSpan);
    }

    private static ModelAnswer Config(ModelPrometheus prometheus)
    {
        var yaml = new StringBuilder("global:\n  scrape_interval: 15s\n");
        if (!prometheus.External.Labels.IsEmpty)
        {
            yaml.Append("  external_labels:\n");
            foreach (var label in prometheus.External.Labels)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"    {label.Name}: {label.Value}\n");
            }
        }
        yaml.Append("scrape_configs:\n- job_name: job0\n");
        return Data(json => json.WriteString("yaml", yaml.ToString()));
    }

    private static ModelAnswer Names(ModelPrometheus prometheus, long nowMs)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteStartArray("data");
            var names = prometheus
                .Series.Where(series => series.Newest(new TimeRange(0, nowMs), nowMs) is not null)
                .Select(series => series.Labels.MetricName)
                .Distinct()
                .Order(StringComparer.Ordinal);
            foreach (var name in names)
            {
                json.WriteStringValue(name);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return new ModelAnswer(HttpStatusCode.OK, Json, bytes.ToArray());
    }

    private static ModelAnswer Data(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteStartObject("data");
            write(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new ModelAnswer(HttpStatusCode.OK, Json, bytes.ToArray());
    }

    private static TruthSample? Newest(ModelPrometheus prometheus, ModelTruth series, long nowMs)
    {
        var window = Math.Min(LookbackMs, (long)prometheus.Retention.TotalMilliseconds);
        return series.Newest(new TimeRange(nowMs - window, nowMs), nowMs);
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);

    private static IEnumerable<(string Name, string Value)> Fields(string text) =>
        text.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(field => field.Split('=', 2))
            .Select(pair => (Unescape(pair[0]), pair.Length == 2 ? Unescape(pair[1]) : ""));

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>An answer, all of it.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Bytes">Its body.</param>
internal sealed record ModelAnswer(HttpStatusCode Status, string Type, byte[] Bytes)
{
    public MediaTypeHeaderValue MediaType => MediaTypeHeaderValue.Parse(Type);
}
