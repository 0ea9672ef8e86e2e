using System.Net;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Tests.Unit.Functions;
using Tributary.Tests.Unit.RemoteRead;
using Tributary.Tests.Unit.RemoteWrite;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Requests that a Prometheus sent by remote write, put to the real endpoint, and read back from the store.</summary>
public sealed class RemoteWriteConformanceTests
{
    [Theory]
    [InlineData("remote-write-1.0-captures.json")]
    [InlineData("remote-write-1.0-stale-native.json")]
    public async Task RemoteWrite_RecordedRequests_AreStored(string file)
    {
        var path = ConformanceData.PathOf($"remote/{file}");
        if (!File.Exists(path))
        {
            ConformanceData.Report("remote (write)", 0, []);
            return;
        }
        using var captures = JsonDocument.Parse(await File.ReadAllTextAsync(path, ReceivePlace.Token));
        var bodies = captures
            .RootElement.EnumerateArray()
            .Select(capture => capture.GetProperty("body_snappy_base64").GetBytesFromBase64())
            .ToList();
        var sent = bodies.Select(SamplesOf).ToList();
        var newestMs = sent.SelectMany(lines => lines).Max(TimeOf);
        var place = new ReceivePlace(newestMs);
        await using var server = await WebPlace.StartAsync(
            WebPlace.State with
            {
                Receive = place.Job,
                IsReceiving = () => true,
            }
        );
        var problems = new List<string>();
        foreach (var (body, capture) in bodies.Zip(captures.RootElement.EnumerateArray()))
        {
            var answering = SendAsync(server.Client, body, capture);
            await Jobs.CollectPlace.UntilAsync(() =>
            {
                place.Time.Advance(TimeSpan.FromMilliseconds(10));
                return answering.IsCompleted;
            });
            if (await answering is { } problem)
            {
                problems.Add(problem);
            }
        }
        var expected = sent.SelectMany(lines => lines).Distinct(StringComparer.Ordinal).ToList();
        var stored = await place.StoredAsync(place.Recent);
        // The sender's relabelling made one series of two: of two values at one time one is stored.
        var times = stored.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(stored.Count, times.Count);
        problems.AddRange(expected.Where(line => !times.Contains(KeyOf(line))).Select(line => $"not stored: {line}"));
        problems.AddRange(stored.Except(expected, StringComparer.Ordinal).Select(line => $"not sent: {line}"));
        Assert.Equal(stored, await place.StoredAsync(null));
        ConformanceData.Report($"remote ({file})", bodies.Count - Math.Min(bodies.Count, problems.Count), problems);
    }

    /// <summary>Sends a request as it was captured; says what is wrong with the answer.</summary>
    private static async Task<string?> SendAsync(HttpClient client, byte[] body, JsonElement capture)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/write");
        request.Content = new ByteArrayContent(body);
        foreach (var header in capture.GetProperty("headers").EnumerateObject())
        {
            _ =
                request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString())
                || request.Content.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }
        request.Headers.Host = null;
        using var answer = await client.SendAsync(request, ReceivePlace.Token);
        return answer.StatusCode is HttpStatusCode.NoContent
            ? null
            : $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(ReceivePlace.Token)}";
    }

    /// <summary>The samples of a request, taken apart without our reader of requests.</summary>
    private static List<string> SamplesOf(byte[] body)
    {
        var lines = new List<string>();
        var message = new WireReader(SnappyBlock.Decode(body, 1 << 24), 0);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                ReadAnswer.ReadSeries(0, WithoutExemplars(message.ReadBytes("timeseries")), lines);
            }
            else
            {
                message.Skip();
            }
        }
        return lines;
    }

    private static WireReader WithoutExemplars(ReadOnlySpan<byte> series)
    {
        var kept = new ByteWriter();
        var reader = new WireReader(series, 0);
        var begin = 0;
        while (reader.Next())
        {
            var isExemplar = reader.Field == 3;
            reader.Skip();
            if (!isExemplar)
            {
                kept.WriteBytes(series[begin..(int)reader.Offset]);
            }
            begin = (int)reader.Offset;
        }
        return new WireReader(kept.WrittenSpan.ToArray(), 0);
    }

    /// <summary>A line without its value.</summary>
    private static string KeyOf(string line) => line[..line.LastIndexOf(' ')];

    private static long TimeOf(string line) =>
        long.Parse(
            line.Split(' ').Reverse().SkipWhile(part => part.Length != 13 || !part.All(char.IsAsciiDigit)).First(),
            System.Globalization.CultureInfo.InvariantCulture
        );
}
