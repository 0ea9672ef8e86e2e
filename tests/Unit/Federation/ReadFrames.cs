using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Storage.Chunks;

namespace Tributary.Tests.Unit.Federation;

/// <summary>Writes frames of streamed remote read, one per series.</summary>
internal static class ReadFrames
{
    /// <summary>Writes the frame of a series of floats.</summary>
    public static void Write(ByteWriter output, LabelSet series, IEnumerable<Sample> samples)
    {
        var chunks = new List<ChunkData>();
        SampleChunks.Encode([.. samples], chunks);
        Write(output, series, chunks);
    }

    /// <summary>Writes the frame of a series.</summary>
    public static void Write(ByteWriter output, LabelSet series, IReadOnlyList<ChunkData> chunks)
    {
        var message = new ByteWriter();
        SeriesFields.WriteLabels(message, series, new ByteWriter());
        foreach (var chunk in chunks)
        {
            var part = new ByteWriter();
            part.WriteNumber(1, (ulong)chunk.MinMs);
            part.WriteNumber(2, (ulong)chunk.MaxMs);
            part.WriteNumber(3, (ulong)chunk.Encoding);
            part.WriteBytes(4, chunk.Bytes.Span);
            message.WriteMessage(2, part);
        }
        var response = new ByteWriter();
        response.WriteMessage(1, message);
        response.WriteNumber(2, 0);
        output.WriteUvarint((ulong)response.Length);
        output.WriteUInt32(Crc32C.Compute(response.WrittenSpan));
        output.WriteBytes(response.WrittenSpan);
    }
}
