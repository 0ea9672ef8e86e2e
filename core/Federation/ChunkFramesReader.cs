using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Scraping;
using Tributary.Storage.Chunks;

namespace Tributary.Federation;

/// <summary>
/// Reads streamed chunks as they arrive: <c>prometheus.ChunkedReadResponse</c> messages, each with its length (varint) and its
/// CRC-32C in front.
/// </summary>
/// <param name="body">Gets the samples.</param>
internal sealed class ChunkFramesReader(PulledBody body)
{
    private const string Blob = "a chunk of the answer";
    private const int MaxLengthBytes = 5;
    private const int MaxSamplesPerChunk = ushort.MaxValue;

    private long[] timestampsMs = new long[256];
    private double[] values = new double[256];
    private long offset;
    private long afterMs;
    private long untilMs;

    /// <summary>Begins an answer.</summary>
    /// <param name="after">The last moment before the range that was asked for.</param>
    /// <param name="until">Its last moment.</param>
    public void Begin(long after, long until) => (afterMs, untilMs, offset) = (after, until, 0);

    /// <summary>Reads all frames that are at hand.</summary>
    /// <returns>How many bytes they have.</returns>
    /// <exception cref="SourceApiException">A frame is damaged.</exception>
    /// <exception cref="ExpositionException">A message is not one of these.</exception>
    /// <exception cref="ScrapeException">A series breaks a limit.</exception>
    public int Read(ReadOnlySpan<byte> window)
    {
        var at = 0;
        while (at < window.Length)
        {
            var size = WireReader.TryReadVarint(window[at..], out var length);
            if (size < 0 || size > MaxLengthBytes || length > SourceApi.MaxPieceBytes - MaxLengthBytes - sizeof(uint))
            {
                throw Damaged(at, $"a frame of {length} bytes: this is no stream of chunks");
            }
            var begin = at + size + sizeof(uint);
            if (size == 0 || (ulong)(window.Length - at - size) < length + sizeof(uint))
            {
                break;
            }
            var message = window.Slice(begin, (int)length);
            if (BinaryPrimitives.ReadUInt32BigEndian(window[(at + size)..]) != Crc32C.Compute(message))
            {
                throw Damaged(at, "the checksum of a frame does not match");
            }
            ReadFrame(message, offset + begin);
            at = begin + (int)length;
        }
        offset += at;
        return at;
    }

    private void ReadFrame(ReadOnlySpan<byte> message, long begin)
    {
        var reader = new WireReader(message, begin);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                ReadSeries(reader.ReadBytes("chunked_series"));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadSeries(ReadOnlySpan<byte> series)
    {
        var labels = ReadLabels.LengthOf(series);
        if (body.TryBeginExpected(series[..labels], isText: true) == 0)
        {
            body.BeginSeries(series[..labels], ReadLabels.Read);
        }
        var reader = new WireReader(series[labels..], 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    throw Damaged(0, "labels stand behind their series' chunks");
                case 2:
                    ReadChunk(reader.ReadMessage("chunks"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadChunk(WireReader reader)
    {
        var (minMs, maxMs) = (long.MinValue, long.MaxValue);
        var type = 0UL;
        var data = ReadOnlySpan<byte>.Empty;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    minMs = (long)reader.ReadNumber("min_time_ms");
                    break;
                case 2:
                    maxMs = (long)reader.ReadNumber("max_time_ms");
                    break;
                case 3:
                    type = reader.ReadNumber("type");
                    break;
                case 4:
                    data = reader.ReadBytes("data");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (maxMs <= afterMs || minMs > untilMs)
        {
            return;
        }
        try
        {
            Decode(type, data);
        }
        catch (CorruptDataException problem)
        {
            throw new SourceApiException(SourceApiProblem.Damaged, problem.Message);
        }
    }

    private void Decode(ulong type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case (ulong)ChunkEncoding.Xor:
                var count = XorChunk.Count(data, Blob);
                if (timestampsMs.Length < count)
                {
                    timestampsMs = new long[Math.Min(2 * count, MaxSamplesPerChunk)];
                    values = new double[timestampsMs.Length];
                }
                XorChunk.Decode(data, timestampsMs, values, Blob);
                body.Add(timestampsMs.AsSpan(0, count), values.AsSpan(0, count));
                break;
            case (ulong)ChunkEncoding.Histogram or (ulong)ChunkEncoding.FloatHistogram:
                if (body.WantsHistograms)
                {
                    DecodeHistograms((ChunkEncoding)type, data);
                }
                break;
            default:
                throw new SourceApiException(
                    SourceApiProblem.Refused,
                    $"the source sends chunks of the encoding {type}, which is not read here"
                );
        }
    }

    private void DecodeHistograms(ChunkEncoding encoding, ReadOnlySpan<byte> data)
    {
        var reader = new HistogramChunkReader(data, encoding, Blob);
        while (reader.MoveNext())
        {
            if (body.Wants(reader.TimestampMs))
            {
                body.Add(reader.TimestampMs, reader.ToHistogram());
            }
        }
    }

    private SourceApiException Damaged(int at, string problem) =>
        new(SourceApiProblem.Damaged, $"byte {offset + at} of the answer: {problem}");
}
