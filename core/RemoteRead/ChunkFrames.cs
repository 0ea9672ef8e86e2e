using System.Buffers;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Storage.Chunks;

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
    private XorChunkBuilder floats;

    /// <summary>Writes all frames of a series.</summary>
    /// <param name="output">The body.</param>
    /// <param name="queryIndex">Which query the series is for.</param>
    /// <param name="selected">The series with its samples.</param>
    public void Write(IBufferWriter<byte> output, int queryIndex, SelectedSeries selected)
    {
        labels.Clear();
        ReadSeries.WriteLabels(labels, ReadSeries.Labels(selected.Labels, external), part);
        BeginFrame();
        histograms.Forget();
        var (samples, others) = (selected.Samples, selected.Histograms);
        var (i, j) = (0, 0);
        while (i < samples.Count || j < others.Count)
        {
            var isHistogram =
                i == samples.Count || (j < others.Count && others[j].TimestampMs <= samples[i].TimestampMs);
            if (isHistogram)
            {
                CutFloats(output, queryIndex);
                var next = others[j++];
                if (!histograms.TryAppend(next.TimestampMs, next.Value))
                {
                    CutHistograms(output, queryIndex);
                    histograms.TryAppend(next.TimestampMs, next.Value);
                }
                // A float at the time of a histogram does not count.
                while (i < samples.Count && samples[i].TimestampMs <= next.TimestampMs)
                {
                    i++;
                }
                continue;
            }
            CutHistograms(output, queryIndex);
            floats.Append(samples[i].TimestampMs, samples[i].Value);
            i++;
            if (floats.IsFull)
            {
                CutFloats(output, queryIndex);
            }
        }
        CutFloats(output, queryIndex);
        CutHistograms(output, queryIndex);
        EndFrame(output, queryIndex);
    }

    private void CutFloats(IBufferWriter<byte> output, int queryIndex)
    {
        if (floats.Count > 0)
        {
            var (minMs, maxMs) = (floats.MinMs, floats.MaxMs);
            WriteChunk(output, queryIndex, (minMs, maxMs, ChunkEncoding.Xor), floats.Cut());
        }
    }

    private void CutHistograms(IBufferWriter<byte> output, int queryIndex)
    {
        if (histograms.Count > 0)
        {
            var about = (histograms.MinMs, histograms.MaxMs, histograms.Encoding);
            WriteChunk(output, queryIndex, about, histograms.Cut());
        }
    }

    private void WriteChunk(
        IBufferWriter<byte> output,
        int queryIndex,
        (long MinMs, long MaxMs, ChunkEncoding Encoding) about,
        ReadOnlySpan<byte> bytes
    )
    {
        part.Clear();
        part.WriteNumber(1, (ulong)about.MinMs);
        part.WriteNumber(2, (ulong)about.MaxMs);
        part.WriteNumber(3, (ulong)about.Encoding);
        part.WriteBytes(4, bytes);
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
