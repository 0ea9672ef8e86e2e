using System.Globalization;
using System.Net.Http.Headers;
using Tributary.Binary;
using Tributary.Exposition;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Writes samples into a Prometheus by remote write, as many minutes of them as are wanted at once.</summary>
/// <param name="http">The server.</param>
/// <param name="afterMs">The first sample is later than this, milliseconds since the epoch.</param>
internal sealed class HistoryWriter(HttpClient http, long afterMs)
{
    public const int Series = 40;

    /// <summary>A sample of each series so often.</summary>
    public const long EveryMs = 15_000;

    private static readonly double[] Special =
    [
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        -0.0,
        double.Epsilon,
        double.MaxValue,
        0.1,
    ];

    /// <summary>Writes the samples up to a time that were not written yet.</summary>
    public async Task WriteAsync(long toMs)
    {
        if (toMs / EveryMs == afterMs / EveryMs)
        {
            return;
        }
        var message = new ByteWriter();
        for (var series = 0; series < Series; series++)
        {
            var one = new ByteWriter();
            Label(one, "__name__", string.Create(CultureInfo.InvariantCulture, $"history_{series % 4}"));
            Label(one, "instance", string.Create(CultureInfo.InvariantCulture, $"host{series / 4}"));
            Label(one, "job", "written");
            for (var at = ((afterMs / EveryMs) + 1) * EveryMs; at <= toMs; at += EveryMs)
            {
                var sample = new ByteWriter();
                sample.WriteDouble(1, ValueOf(series, at));
                sample.WriteNumber(2, (ulong)at);
                one.WriteMessage(2, sample);
            }
            message.WriteMessage(1, one);
        }
        var body = new ByteWriter();
        SnappyBlock.Encode(message.WrittenSpan, body);
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
        var cancelled = TestContext.Current.CancellationToken;
        using var answer = await http.PostAsync("/api/v1/write", content, cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancelled));
        afterMs = toMs;
    }

    private static double ValueOf(int series, long at)
    {
        var tick = at / EveryMs;
        return series == 0 ? Special[tick % Special.Length] : Math.Sin((series * 1000) + tick);
    }

    private static void Label(ByteWriter series, string name, string value)
    {
        var label = new ByteWriter();
        label.WriteBytes(1, System.Text.Encoding.UTF8.GetBytes(name));
        label.WriteBytes(2, System.Text.Encoding.UTF8.GetBytes(value));
        series.WriteMessage(1, label);
    }
}
