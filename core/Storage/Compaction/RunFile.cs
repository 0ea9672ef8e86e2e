using Tributary.Binary;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Compaction;

/// <summary>A run on disk: chunks by series, in the order in which they are read again. Gone when it is closed.</summary>
/// <remarks>
/// Per series: uvarint number, uvarint chunks; per chunk: varint time of the first sample, uvarint time to the last one,
/// encoding (1 byte), uvarint length, the encoded samples. Nobody but the process that wrote it reads it.
/// </remarks>
internal sealed class RunFile : IDisposable
{
    private const int BufferBytes = 128 * 1024;

    private readonly FileStream stream;
    private readonly long maxBytes;
    private ByteWriter output = new(2 * BufferBytes);
    private byte[] buffer = [];
    private int at;
    private int end;
    private int next = -1;

    /// <summary>An empty run.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="maxBytes">The most it may take.</param>
    public RunFile(string folder, long maxBytes)
    {
        this.maxBytes = maxBytes;
        Directory.CreateDirectory(folder);
        stream = new FileStream(
            Path.Combine(folder, $"tributary-run-{Guid.NewGuid():N}"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
                BufferSize = 0,
            }
        );
    }

    /// <summary>Its length.</summary>
    public long LengthBytes => stream.Length + output.Length;

    /// <summary>Begins the next series.</summary>
    /// <param name="number">Greater than that of the one before.</param>
    /// <param name="chunks">How many chunks follow.</param>
    /// <exception cref="IOException">The disk is full, or there is no room left for temporary files.</exception>
    public void BeginSeries(int number, int chunks)
    {
        if (output.Length >= BufferBytes)
        {
            Flush();
        }
        output.WriteUvarint((ulong)number);
        output.WriteUvarint((ulong)chunks);
    }

    /// <summary>Writes a chunk of the series.</summary>
    public void Write(long minMs, long maxMs, ChunkEncoding encoding, ReadOnlySpan<byte> bytes)
    {
        output.WriteVarint(minMs);
        output.WriteUvarint((ulong)(maxMs - minMs));
        output.WriteByte((byte)encoding);
        output.WriteUvarint((ulong)bytes.Length);
        output.WriteBytes(bytes);
    }

    /// <summary>Goes back to the beginning, to be read.</summary>
    public void EndWriting()
    {
        Flush();
        output = new ByteWriter();
        stream.Position = 0;
        buffer = new byte[BufferBytes];
        ReadNumber();
    }

    /// <summary>Hands the chunks of a series to a merger, if they are the next ones here.</summary>
    public void Take(int number, ChunkMerger merger)
    {
        if (next != number)
        {
            return;
        }
        for (var left = ReadUvarint(); left > 0; left--)
        {
            var raw = ReadUvarint();
            var minMs = (long)(raw >> 1) ^ -(long)(raw & 1);
            var maxMs = minMs + (long)ReadUvarint();
            var encoding = (ChunkEncoding)ReadUvarint();
            var length = (int)ReadUvarint();
            Need(length);
            merger.Add(0, minMs, maxMs, encoding, buffer.AsSpan(at, length));
            at += length;
        }
        ReadNumber();
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private void Flush()
    {
        if (LengthBytes > maxBytes)
        {
            throw new IOException(
                "compaction: no room is left for temporary files; allow more, or compact on a machine with more memory."
            );
        }
        stream.Write(output.WrittenSpan);
        output.Clear();
    }

    private void ReadNumber()
    {
        Fill(1);
        next = at == end ? -1 : (int)ReadUvarint();
    }

    private ulong ReadUvarint()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            Need(1);
            var b = buffer[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }

    private void Need(int count)
    {
        if (!Fill(count))
        {
            throw new IOException("compaction: a temporary file is shorter than it was written.");
        }
    }

    /// <summary>Brings bytes into the buffer; false when the file ends before.</summary>
    private bool Fill(int count)
    {
        if (end - at >= count)
        {
            return true;
        }
        buffer.AsSpan(at, end - at).CopyTo(buffer);
        (at, end) = (0, end - at);
        if (buffer.Length < count)
        {
            Array.Resize(ref buffer, count);
        }
        while (end < count)
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                return false;
            }
            end += read;
        }
        return true;
    }
}
