using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Tributary.Binary;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Conformance;

namespace Tributary.Tests.Unit.Storage.Chunks;

/// <summary>Goes through a chunk segment of a block without its index.</summary>
internal static class SegmentFile
{
    /// <summary>The chunk segments in a packed data directory of the conformance data; none when it is missing.</summary>
    public static IEnumerable<byte[]> InArchive(string relative)
    {
        var path = ConformanceData.PathOf(relative);
        if (!File.Exists(path))
        {
            yield break;
        }
        using var archive = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.Name.Contains("/chunks/", StringComparison.Ordinal) && entry.DataStream is { } data)
            {
                using var copy = new MemoryStream();
                data.CopyTo(copy);
                yield return copy.ToArray();
            }
        }
    }

    /// <summary>The chunks of a segment, their checksums passed.</summary>
    public static List<(ChunkEncoding Encoding, byte[] Bytes)> Chunks(byte[] segment)
    {
        Assert.Equal(0x85BD40DDu, BinaryPrimitives.ReadUInt32BigEndian(segment));
        Assert.Equal(1, segment[4]);
        var chunks = new List<(ChunkEncoding, byte[])>();
        for (var at = 8; at < segment.Length; )
        {
            var reader = new ByteReader(segment.AsSpan(at), "segment", at);
            var length = (int)reader.ReadUvarint();
            var encoded = reader.ReadBytes(length + 1);
            Assert.Equal(Crc32C.Compute(encoded), reader.ReadUInt32());
            chunks.Add(((ChunkEncoding)encoded[0], encoded[1..].ToArray()));
            at = (int)reader.Offset;
        }
        return chunks;
    }
}
