using System.Net;
using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Tests.Unit.RemoteWrite.Sending;

/// <summary>A destination in memory: answers as it is told, and remembers what it has taken, in order.</summary>
internal sealed class ModelReceiver : HttpMessageHandler
{
    private readonly Lock gate = new();

    /// <summary>What it answers; null is 204, with what 2.0 wants said.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Answer { get; set; } = _ => null;

    /// <summary>Samples of requests that it has answered with success.</summary>
    public List<ReceivedSample> Taken { get; } = [];

    /// <summary>Requests with success, each with how many samples it had.</summary>
    public List<int> Sizes { get; } = [];

    /// <summary>Metadata entries: family and type.</summary>
    public List<(string Family, ulong Type)> Metadata { get; } = [];

    /// <summary>Headers of the last request.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Requests of any outcome.</summary>
    public int Requests { get; private set; }

    /// <summary>A client that asks it.</summary>
    public HttpMessageInvoker Client => new(this, disposeHandler: false);

    public static HttpResponseMessage Status(HttpStatusCode status, string text = "") =>
        new(status) { Content = new StringContent(text) };

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        lock (gate)
        {
            Requests++;
            Headers.Clear();
            foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content.Headers.NonValidated))
            {
                Headers[name] = string.Join(',', values);
            }
            if (Answer(request) is { } answer)
            {
                answer.RequestMessage = request;
                return answer;
            }
            Read(body, Headers["Content-Type"].Contains("v2", StringComparison.Ordinal));
            var taken = new HttpResponseMessage(HttpStatusCode.NoContent) { RequestMessage = request };
            taken.Headers.Add("X-Prometheus-Remote-Write-Samples-Written", "1");
            return taken;
        }
    }

    private void Read(byte[] body, bool isVersion2)
    {
        var before = Taken.Count;
        var message = SnappyBlock.Decode(body, 64 * 1024 * 1024);
        var symbols = new List<string>();
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 4 when isVersion2:
                    symbols.Add(Encoding.UTF8.GetString(reader.ReadBytes("symbols")));
                    break;
                case 5 when isVersion2:
                case 1:
                    ReadSeries(reader.ReadMessage("series"), isVersion2 ? symbols : null);
                    break;
                case 3:
                    ReadMetadata(reader.ReadMessage("metadata"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        Sizes.Add(Taken.Count - before);
    }

    private void ReadMetadata(WireReader reader)
    {
        var (type, family) = (0UL, "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    type = reader.ReadNumber("type");
                    break;
                case 2:
                    family = Encoding.UTF8.GetString(reader.ReadBytes("family"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        Metadata.Add((family, type));
    }

    private void ReadSeries(WireReader reader, List<string>? symbols)
    {
        var labels = new List<Label>();
        var samples = new List<(long TimestampMs, ulong Bits, bool IsHistogram)>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 when symbols is null:
                    labels.Add(ReadLabel(reader.ReadMessage("label")));
                    break;
                case 1:
                    var refs = new ByteReader(reader.ReadBytes("labels_refs"), "refs");
                    while (refs.Remaining > 0)
                    {
                        labels.Add(new Label(symbols[(int)refs.ReadUvarint()], symbols[(int)refs.ReadUvarint()]));
                    }
                    break;
                case 2:
                    samples.Add(ReadSample(reader.ReadMessage("sample")));
                    break;
                case 3 when symbols is not null:
                case 4 when symbols is null:
                    samples.Add(ReadHistogram(reader.ReadMessage("histogram")));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        var series = LabelSet.FromSorted([.. labels]);
        Taken.AddRange(samples.Select(one => new ReceivedSample(series, one.TimestampMs, one.Bits, one.IsHistogram)));
    }

    private static Label ReadLabel(WireReader reader)
    {
        var (name, value) = ("", "");
        while (reader.Next())
        {
            var text = Encoding.UTF8.GetString(reader.ReadBytes("label"));
            (name, value) = reader.Field == 1 ? (text, value) : (name, text);
        }
        return new Label(name, value);
    }

    private static (long TimestampMs, ulong Bits, bool IsHistogram) ReadSample(WireReader reader)
    {
        var (value, timestamp) = (0.0, 0L);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                value = reader.ReadDouble("value");
            }
            else
            {
                timestamp = (long)reader.ReadNumber("timestamp");
            }
        }
        return (timestamp, BitConverter.DoubleToUInt64Bits(value), false);
    }

    private static (long TimestampMs, ulong Bits, bool IsHistogram) ReadHistogram(WireReader reader)
    {
        var (sum, timestamp) = (0.0, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    sum = reader.ReadDouble("sum");
                    break;
                case 15:
                    timestamp = (long)reader.ReadNumber("timestamp");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return (timestamp, BitConverter.DoubleToUInt64Bits(sum), true);
    }
}

/// <summary>A sample that was taken; of a histogram, its sum.</summary>
internal sealed record ReceivedSample(LabelSet Series, long TimestampMs, ulong Bits, bool IsHistogram)
{
    public double Value => BitConverter.UInt64BitsToDouble(Bits);
}
