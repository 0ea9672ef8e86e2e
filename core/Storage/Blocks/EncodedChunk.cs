using Tributary.Binary;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Blocks;

/// <summary>A chunk as it is stored; its checksum was right.</summary>
internal readonly ref struct EncodedChunk(
    ChunkEncoding encoding,
    ReadOnlySpan<byte> data,
    string file,
    long offsetBytes
)
{
    /// <summary>How it is encoded; what is damaged or newer may be none of the known ones.</summary>
    public ChunkEncoding Encoding { get; } = encoding;

    /// <summary>The encoded samples; valid until the next chunk is asked for.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>The segment, for errors.</summary>
    public string File { get; } = file;

    /// <summary>Where in the segment the data begins.</summary>
    public long OffsetBytes { get; } = offsetBytes;

    /// <summary>Whether it holds floats.</summary>
    public bool IsFloat => Encoding is ChunkEncoding.Xor;

    /// <summary>Whether it holds native histograms.</summary>
    public bool IsHistogram => Encoding is ChunkEncoding.Histogram or ChunkEncoding.FloatHistogram;

    /// <summary>How many samples it has; all encodings begin with that.</summary>
    public int SampleCount => Data.Length < 2 ? throw Corrupt(0, "the chunk is empty") : (Data[0] << 8) | Data[1];

    /// <summary>Decodes a chunk of floats.</summary>
    /// <param name="timestampsMs">At least <see cref="SampleCount"/> long.</param>
    /// <param name="values">At least <see cref="SampleCount"/> long.</param>
    /// <returns>How many samples there are.</returns>
    /// <exception cref="CorruptDataException">It is damaged, or of another encoding.</exception>
    public int DecodeFloats(Span<long> timestampsMs, Span<double> values)
    {
        if (!IsFloat)
        {
            throw Corrupt(0, $"a chunk of encoding {Encoding} holds no floats");
        }
        try
        {
            return XorChunk.Decode(Data, timestampsMs, values, File);
        }
        catch (CorruptDataException e)
        {
            throw new CorruptDataException(File, OffsetBytes + e.OffsetBytes, "the chunk cannot be decoded", e);
        }
    }

    /// <summary>The error for what was found in the chunk.</summary>
    public CorruptDataException Corrupt(long offsetBytes, string problem) =>
        new(File, OffsetBytes + offsetBytes, problem);
}
