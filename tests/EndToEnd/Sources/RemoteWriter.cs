using System.Net.Http.Headers;
using Tributary.Model;
using Tributary.RemoteWrite;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Writes samples of the past into a Prometheus, by remote write.</summary>
internal sealed class RemoteWriter
{
    private readonly WriteRequestWriter message = new();

    /// <summary>Adds floats of a series, in the order of time.</summary>
    public void Add(LabelSet labels, IEnumerable<Sample> samples)
    {
        message.BeginSeries(labels);
        foreach (var (timestampMs, value) in samples)
        {
            message.Add(timestampMs, value);
        }
    }

    /// <summary>Adds native histograms of a series, in the order of time.</summary>
    public void Add(LabelSet labels, IEnumerable<HistogramSample> samples)
    {
        message.BeginSeries(labels);
        foreach (var one in samples)
        {
            message.Add(one);
        }
    }

    /// <summary>Sends all that was added.</summary>
    public async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(message.Finish().ToArray());
        message.Clear();
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
