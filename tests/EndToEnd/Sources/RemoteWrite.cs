using System.Net.Http.Headers;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.RemoteRead;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Writes samples of the past into a Prometheus, by remote write.</summary>
internal sealed class RemoteWrite
{
    private readonly ByteWriter message = new();
    private readonly ByteWriter series = new();
    private readonly ByteWriter sample = new();
    private readonly ByteWriter part = new();

    /// <summary>Adds floats of a series, in the order of time.</summary>
    public void Add(LabelSet labels, IEnumerable<Sample> samples)
    {
        series.Clear();
        ReadSeries.WriteLabels(series, labels, part);
        foreach (var (timestampMs, value) in samples)
        {
            sample.Clear();
            sample.WriteDouble(1, value);
            sample.WriteNumber(2, (ulong)timestampMs);
            series.WriteMessage(2, sample);
        }
        message.WriteMessage(1, series);
    }

    /// <summary>Adds native histograms of a series, in the order of time.</summary>
    public void Add(LabelSet labels, IEnumerable<HistogramSample> samples)
    {
        series.Clear();
        ReadSeries.WriteLabels(series, labels, part);
        foreach (var one in samples)
        {
            sample.Clear();
            ReadSeries.WriteHistogram(sample, one, part);
            series.WriteMessage(4, sample);
        }
        message.WriteMessage(1, series);
    }

    /// <summary>Sends all that was added.</summary>
    public async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var block = new ByteWriter();
        SnappyBlock.Encode(message.WrittenSpan, block);
        message.Clear();
        using var content = new ByteArrayContent(block.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var response = await http.PostAsync(
            new Uri("/api/v1/write", UriKind.Relative),
            content,
            cancellationToken
        );
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {answer}");
    }
}
