using System.Buffers;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Storage.Chunks;
using Tributary.Storage.Selection;

namespace Tributary.RemoteRead;

/// <summary>
/// An answer of chunks: <c>prometheus.ChunkedReadResponse</c> messages, each with its length (varint) and its CRC-32C in
/// front. A frame is of one series, and a long series has several.
/// </summary>
/// <param name="external">The labels that every series gets.</param>
/// <param name="maxFrameBytes">The bytes after which a frame ends, with the chunk that reaches them.</param>
internal sealed class ChunkFrames(LabelSet external, int maxFrameBytes)
{
    public const string ContentType = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

    /// <summary>What Prometheus takes by default.</summary>
    public const int DefaultMaxFrameBytes = 1024 * 1024;

    private readonly ByteWriter head = new(16);
    private readonly ByteWriter message = new(4096);
    private readonly ByteWriter labels = new(4096);
    private readonly ByteWriter series = new(64 * 1024);
    private readonly ByteWriter part = new(2048);
    private readonly HistogramChunkBuilder histograms = new();
    private readonly SampleBuffer samples = new();
    private XorChunkBuilder floats;

    /// <summary>Writes all frames of a series.</summary>
    /// <param name="output">The body.</param>
    /// <param name="queryIndex">Which query the series is for.</param>
    /// <param name="selected">The series.</param>
    public void Write(IBufferWriter<byte> output, int queryIndex, SelectedChunks selected)
    {
        labels.Clear();
        SeriesFields.WriteLabels(labels, ReadSeries.Labels(selected.Labels, external), part);
        BeginFrame();
        if (AreWhole(selected))
        {
            foreach (var chunk in selected.Chunks)
            {
                WriteChunk(output, queryIndex, chunk.Data);
            }
        }
        else
        {
            Encode(output, queryIndex, selected);
        }
        EndFrame(output, queryIndex);
    }

    /// <summary>Whether all samples of all chunks belong to the answer, each once: then the chunks are it, as they are.</summary>
    private static bool AreWhole(SelectedChunks selected)
    {
        var lastMs = long.MinValue;
        foreach (var chunk in selected.Chunks)
        {
            var (data, origin) = (chunk.Data, chunk.Origin.Range);
            var isWhole =
                (data.MinMs > lastMs || lastMs == long.MinValue)
                && selected.Range.Contains(data.MinMs)
                && selected.Range.Contains(data.MaxMs)
                && origin.Contains(data.MinMs)
                && origin.Contains(data.MaxMs)
                && chunk.Deleted.Count == 0
                && data.Count > 0;
            if (!isWhole)
            {
                return false;
            }
            lastMs = data.MaxMs;
        }
        return true;
    }

    private void Encode(IBufferWriter<byte> output, int queryIndex, SelectedChunks selected)
    {
        selected.Decode(samples);
        histograms.Forget();
        for (var i = 0; i < samples.Count; i++)
        {
            var timestampMs = samples.TimesMs[i];
            if (samples.HasHistograms && samples.Histograms[i] is { } histogram)
            {
                CutFloats(output, queryIndex);
                if (!histograms.TryAppend(timestampMs, histogram))
                {
                    CutHistograms(output, queryIndex);
                    histograms.TryAppend(timestampMs, histogram);
                }
                continue;
            }
            CutHistograms(output, queryIndex);
            floats.Append(timestampMs, samples.Values[i]);
            if (floats.IsFull)
            {
                CutFloats(output, queryIndex);
            }
        }
        CutFloats(output, queryIndex);
        CutHistograms(output, queryIndex);
    }

    private void CutFloats(IBufferWriter<byte> output, int queryIndex)
    {
        if (floats.Count > 0)
        {
            var (minMs, maxMs, count) = (floats.MinMs, floats.MaxMs, floats.Count);
            WriteChunk(output, queryIndex, new ChunkData(ChunkEncoding.Xor, minMs, maxMs, count, floats.Cut()));
        }
    }

    private void CutHistograms(IBufferWriter<byte> output, int queryIndex)
    {
        if (histograms.Count > 0)
        {
            var (minMs, maxMs, count) = (histograms.MinMs, histograms.MaxMs, histograms.Count);
            var encoding = histograms.Encoding;
            WriteChunk(output, queryIndex, new ChunkData(encoding, minMs, maxMs, count, histograms.Cut()));
        }
    }

    private void WriteChunk(IBufferWriter<byte> output, int queryIndex, in ChunkData chunk)
    {
        part.Clear();
        part.WriteNumber(1, (ulong)chunk.MinMs);
        part.WriteNumber(2, (ulong)chunk.MaxMs);
        part.WriteNumber(3, (ulong)chunk.Encoding);
        part.WriteBytes(4, chunk.Bytes.Span);
        // The bytes of a chunk that still grows may say another count than theirs.
        var count = part.Length - chunk.Bytes.Length;
        part.PatchByte(count, (byte)(chunk.Count >> 8));
        part.PatchByte(count + 1, (byte)chunk.Count);
        series.WriteMessage(2, part);
        if (series.Length >= maxFrameBytes)
        {
            EndFrame(output, queryIndex);
            BeginFrame();
        }
    }

    private void BeginFrame()
    {
        series.Clear();
        series.WriteBytes(labels.WrittenSpan);
    }

    private void EndFrame(IBufferWriter<byte> output, int queryIndex)
    {
        if (series.Length == labels.Length)
        {
            return;
        }
        message.Clear();
        message.WriteMessage(1, series);
        message.WriteNumber(2, (ulong)queryIndex);
        head.Clear();
        head.WriteUvarint((ulong)message.Length);
        head.WriteUInt32(Crc32C.Compute(message.WrittenSpan));
        output.Write(head.WrittenSpan);
        output.Write(message.WrittenSpan);
    }
}
