using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Reads a log file front to back, in pieces.</summary>
internal static class LogFileScan
{
    /// <summary>Bytes that are read at once.</summary>
    private const int PieceBytes = 8 * 1024 * 1024;

    /// <summary>Hands out the parts of a file as they become whole, up to a length.</summary>
    /// <param name="blobs">Where the log lies.</param>
    /// <param name="file">The file.</param>
    /// <param name="lengthBytes">How much of it is read.</param>
    /// <param name="decoder">A fresh decoder of the file.</param>
    /// <param name="take">Receives the parts.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="keepsParts">Whether parts are used after <paramref name="take"/>; else their bytes are overwritten.</param>
    /// <exception cref="Tributary.Binary.CorruptDataException">The file breaks the format; it is named.</exception>
    /// <exception cref="StoreException">The store cannot be used, or the file is gone.</exception>
    public static async Task ReadAsync(
        IBlobStore blobs,
        LogFileName file,
        long lengthBytes,
        LogDecoder decoder,
        Action<LogPart> take,
        CancellationToken cancellationToken,
        bool keepsParts = true
    )
    {
        var name = file.ToString();
        var parts = new List<LogPart>();
        var size = PieceBytes;
        var buffers = new Buffers(keepsParts);
        while (decoder.OffsetBytes < lengthBytes)
        {
            var from = decoder.OffsetBytes;
            var wanted = (int)Math.Min(size, lengthBytes - from);
            var piece = buffers.Next(wanted);
            var (read, damage) = await LogPiece.ReadAsync(blobs, name, from, piece, cancellationToken);
            decoder.Scan(piece[..read], parts);
            parts.ForEach(take);
            if (damage is not null)
            {
                throw damage;
            }
            buffers.Scanned(parts.Count > 0, decoder.HasOpenPart);
            parts.Clear();
            if (decoder.OffsetBytes > from)
            {
                size = PieceBytes;
            }
            else if (from + piece.Length < lengthBytes && read == piece.Length)
            {
                // One record is longer than a piece.
                size = checked(size * 2);
            }
            else
            {
                // What a killed writer left of its last append: it was never acknowledged, and no reader takes it.
                return;
            }
        }
    }

    /// <summary>The memory of pieces, used again as soon as no part needs it.</summary>
    /// <param name="keepsParts">Whether it is needed for ever.</param>
    private sealed class Buffers(bool keepsParts)
    {
        private readonly List<byte[]> free = [];

        /// <summary>What holds bytes of the part that is open.</summary>
        private readonly List<byte[]> held = [];
        private byte[] current = [];

        public Memory<byte> Next(int length)
        {
            var at = free.FindIndex(buffer => buffer.Length >= length);
            if (keepsParts || at < 0)
            {
                current = new byte[length];
            }
            else
            {
                current = free[at];
                free.RemoveAt(at);
            }
            return current.AsMemory(0, length);
        }

        /// <summary>The current piece was scanned.</summary>
        /// <param name="hasEnded">Whether a part became whole, so that one which is open began in this piece.</param>
        /// <param name="isOpen">Whether a part is open.</param>
        public void Scanned(bool hasEnded, bool isOpen)
        {
            if (keepsParts)
            {
                return;
            }
            if (hasEnded || !isOpen)
            {
                free.AddRange(held);
                held.Clear();
            }
            (isOpen ? held : free).Add(current);
        }
    }
}
