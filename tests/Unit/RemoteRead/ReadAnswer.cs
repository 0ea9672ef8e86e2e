using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Storage.Chunks;

namespace Tributary.Tests.Unit.RemoteRead;

/// <summary>Answers of remote reads, taken apart as a reader would: one line a sample.</summary>
internal static class ReadAnswer
{
    /// <summary>A <c>ReadResponse</c> in a snappy block; each line begins with the number of the query.</summary>
    public static List<string> Samples(byte[] body)
    {
        var lines = new List<string>();
        var response = new WireReader(SnappyBlock.Decode(body, 1 << 24), 0);
        for (var query = 0; response.Next(); query++)
        {
            var result = response.ReadMessage("results");
            while (result.Next())
            {
                ReadSeries(query, result.ReadMessage("timeseries"), lines);
            }
        }
        return lines;
    }

    /// <summary>Frames of <c>ChunkedReadResponse</c>, with their checksums verified.</summary>
    public static List<string> Chunks(byte[] body, List<int>? frameBytes = null)
    {
        var lines = new List<string>();
        for (var at = 0; at < body.Length; )
        {
            at += WireReader.TryReadVarint(body.AsSpan(at), out var length);
            var input = new ByteReader(body.AsSpan(at), "frame");
            var checksum = input.ReadUInt32();
            var frame = input.ReadBytes((int)length).ToArray();
            Assert.Equal(Crc32C.Compute(frame), checksum);
            at += sizeof(uint) + frame.Length;
            frameBytes?.Add(frame.Length);
            ReadFrame(frame, lines);
        }
        return lines;
    }

    private static void ReadFrame(byte[] frame, List<string> lines)
    {
        var query = 0UL;
        var numbers = new WireReader(frame, 0);
        while (numbers.Next())
        {
            if (numbers.Field == 2)
            {
                query = numbers.ReadNumber("query_index");
            }
            else
            {
                numbers.Skip();
            }
        }
        var response = new WireReader(frame, 0);
        while (response.Next())
        {
            if (response.Field == 1)
            {
                ReadChunkedSeries((int)query, response.ReadMessage("chunked_series"), lines);
            }
            else
            {
                response.Skip();
            }
        }
    }

    /// <summary>A <c>TimeSeries</c>, as answers and requests of remote write have it.</summary>
    public static void ReadSeries(int query, WireReader series, List<string> lines)
    {
        var labels = new List<string>();
        while (series.Next())
        {
            if (series.Field == 1)
            {
                labels.Add(ReadLabel(series.ReadMessage("labels")));
                continue;
            }
            var isHistogram = series.Field == 4;
            var (timestampMs, value) = (0L, 0.0);
            var sample = series.ReadMessage("samples");
            while (sample.Next())
            {
                if (sample.Field == (isHistogram ? 15 : 2))
                {
                    timestampMs = (long)sample.ReadNumber("timestamp");
                }
                else if (sample.Field == (isHistogram ? 3 : 1))
                {
                    value = sample.ReadDouble("value");
                }
                else
                {
                    sample.Skip();
                }
            }
            lines.Add(Line(query, labels, timestampMs, value, isHistogram));
        }
    }

    private static void ReadChunkedSeries(int query, WireReader series, List<string> lines)
    {
        var labels = new List<string>();
        while (series.Next())
        {
            if (series.Field == 1)
            {
                labels.Add(ReadLabel(series.ReadMessage("labels")));
                continue;
            }
            var encoding = ChunkEncoding.Xor;
            byte[] data = [];
            var (minMs, maxMs) = (0L, 0L);
            var chunk = series.ReadMessage("chunks");
            while (chunk.Next())
            {
                switch (chunk.Field)
                {
                    case 1:
                        minMs = (long)chunk.ReadNumber("min_time_ms");
                        break;
                    case 2:
                        maxMs = (long)chunk.ReadNumber("max_time_ms");
                        break;
                    case 3:
                        encoding = (ChunkEncoding)chunk.ReadNumber("type");
                        break;
                    default:
                        data = chunk.ReadBytes("data").ToArray();
                        break;
                }
            }
            var before = lines.Count;
            ReadChunk(query, labels, (encoding, data), lines);
            Assert.Contains($" {minMs} ", lines[before], StringComparison.Ordinal);
            Assert.Contains($" {maxMs} ", lines[^1], StringComparison.Ordinal);
        }
    }

    private static void ReadChunk(int query, List<string> labels, (ChunkEncoding, byte[]) chunk, List<string> lines)
    {
        var (encoding, data) = chunk;
        if (encoding is not ChunkEncoding.Xor)
        {
            var reader = new HistogramChunkReader(data, encoding, "chunk");
            while (reader.MoveNext())
            {
                lines.Add(Line(query, labels, reader.TimestampMs, reader.Sum, true));
            }
            return;
        }
        var count = XorChunk.Count(data, "chunk");
        var (times, values) = (new long[count], new double[count]);
        XorChunk.Decode(data, times, values, "chunk");
        for (var i = 0; i < count; i++)
        {
            lines.Add(Line(query, labels, times[i], values[i], false));
        }
    }

    private static string ReadLabel(WireReader label)
    {
        var (name, value) = ("", "");
        while (label.Next())
        {
            var text = Encoding.UTF8.GetString(label.ReadBytes("text"));
            (name, value) = label.Field == 1 ? (text, value) : (name, text);
        }
        return $"{name}={value}";
    }

    private static string Line(int query, List<string> labels, long timestampMs, double value, bool isHistogram) =>
        FormattableString.Invariant(
            $"{query} {string.Join(',', labels)} {timestampMs} {(isHistogram ? "histogram " : "")}{BitConverter.DoubleToInt64Bits(value):x}"
        );
}
