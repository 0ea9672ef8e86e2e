using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>
/// A small record at the beginning of a file that is replaced in place and atomically: two copies, each with a checksum,
/// written one after the other.
/// </summary>
/// <remarks>
/// Killed while writing the first copy, the second still has the old record; killed later, the first has the new one. A
/// damaged byte leaves the other copy. Only damage to both, which no interrupted write makes, is an error. One copy:
/// magic (4), sequence (8), payload, CRC-32C (4), all big endian; the second begins at <see cref="SecondOffset"/>.
/// </remarks>
internal static class MirroredHeader
{
    /// <summary>Where the second copy begins: another sector.</summary>
    public const int SecondOffset = 512;

    /// <summary>Bytes of a file that the two copies take.</summary>
    public const int SizeBytes = 1024;

    private const int Overhead = 16;

    /// <summary>Both copies, for a new file.</summary>
    public static byte[] NewFile(uint magic, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[SizeBytes];
        var copy = Encode(magic, 1, payload);
        copy.CopyTo(bytes, 0);
        copy.CopyTo(bytes, SecondOffset);
        return bytes;
    }

    /// <summary>Reads the record, also while another process replaces it.</summary>
    public static Record Read(SafeFileHandle file, uint magic, int payloadBytes, StoreFolder folder, string path)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        for (var attempt = 0; ; attempt++)
        {
            var length = RandomAccess.Read(file, bytes, 0);
            var first = Decode(bytes[..length], 0, magic, payloadBytes);
            var second = Decode(bytes[..length], SecondOffset, magic, payloadBytes);
            if (first is { } a && second is { } b)
            {
                return a.Sequence >= b.Sequence ? a with { Mirrored = a.Sequence == b.Sequence } : b;
            }
            if ((first ?? second) is { } only)
            {
                return only;
            }
            // A reader that is slow between the copies can meet the writer in both of them.
            if (attempt == 20)
            {
                throw folder.Corrupt(path, 0, $"neither copy of the header is valid ({length} bytes)");
            }
            Thread.Sleep(attempt / 10);
        }
    }

    /// <summary>Replaces the record that was read, under the lock; on the disk when it returns.</summary>
    /// <exception cref="StoreException">Unknown: the file system failed in the middle.</exception>
    public static void Write(
        SafeFileHandle file,
        uint magic,
        Record before,
        ReadOnlySpan<byte> payload,
        StoreFolder folder,
        string path
    )
    {
        try
        {
            Mirror(file, magic, before);
            var copy = Encode(magic, before.Sequence + 1, payload);
            RandomAccess.Write(file, copy, 0);
            RandomAccess.Write(file, copy, SecondOffset);
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException exception)
        {
            throw new StoreException(
                StoreError.Unknown,
                $"local store '{folder.Root}': writing '{folder.Relative(path)}' failed half-way: {exception.Message} What to do: see that the disk is healthy.",
                exception
            );
        }
    }

    /// <summary>
    /// Makes the copies equal if a killed writer or damage left them different: the record that counts must stand twice
    /// before one copy is overwritten.
    /// </summary>
    internal static void Mirror(SafeFileHandle file, uint magic, Record record)
    {
        if (!record.Mirrored)
        {
            RandomAccess.Write(
                file,
                Encode(magic, record.Sequence, record.Payload),
                record.IsSecond ? 0 : SecondOffset
            );
            RandomAccess.FlushToDisk(file);
        }
    }

    private static byte[] Encode(uint magic, ulong sequence, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[payload.Length + Overhead];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, magic);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(4), sequence);
        payload.CopyTo(bytes.AsSpan(12));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(^4..), Crc32C.Compute(bytes.AsSpan(..^4)));
        return bytes;
    }

    private static Record? Decode(ReadOnlySpan<byte> file, int offset, uint magic, int payloadBytes)
    {
        if (file.Length < offset + payloadBytes + Overhead)
        {
            return null;
        }
        var bytes = file.Slice(offset, payloadBytes + Overhead);
        var valid =
            BinaryPrimitives.ReadUInt32BigEndian(bytes) == magic
            && BinaryPrimitives.ReadUInt32BigEndian(bytes[^4..]) == Crc32C.Compute(bytes[..^4]);
        return valid
            ? new Record(BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]), bytes[12..^4].ToArray(), offset != 0, false)
            : null;
    }

    /// <summary>What stands in the header.</summary>
    /// <param name="Sequence">Counts the writes.</param>
    /// <param name="Payload">The record.</param>
    /// <param name="IsSecond">Whether it was read from the second copy.</param>
    /// <param name="Mirrored">Whether both copies have it.</param>
    internal readonly record struct Record(ulong Sequence, byte[] Payload, bool IsSecond, bool Mirrored);
}
