using System.IO.Compression;
using System.Security.Cryptography;
using Tributary.Binary;

namespace Tributary.Exports;

/// <summary>What was written → compressed, if wanted → counted and hashed → where it goes. Always the same bytes for the same text.</summary>
/// <param name="sink">Where it goes.</param>
/// <param name="isCompressed">Whether it is compressed by gzip, whose header has neither time nor name.</param>
internal sealed class ExportPipe(ExportSink sink, bool isCompressed) : IDisposable
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>The text is compressed in pieces of always so many bytes, but the last.</summary>
    private const int CompressedBytes = 64 * 1024;

    private readonly ByteWriter rest = new();
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream compressed = new();
    private GZipStream? gzip;

    /// <summary>Where the text is written.</summary>
    public ByteWriter Text { get; } = new(2 * BufferBytes);

    /// <summary>Bytes that went on.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether <see cref="FlushAsync"/> is due.</summary>
    public bool WantsFlush => Text.Length >= BufferBytes;

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!isCompressed)
        {
            await SendAsync(Text.WrittenMemory, cancellationToken);
            Text.Clear();
            return;
        }
        Compress(Text.Length / CompressedBytes * CompressedBytes);
        await SendCompressedAsync(cancellationToken);
    }

    /// <summary>Sends the rest.</summary>
    /// <returns>The SHA-256 of all bytes.</returns>
    public async ValueTask<byte[]> FinishAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (isCompressed)
        {
            Compress(Text.Length);
            // The end of a compressed text comes with this alone; what is written goes to memory.
            await gzip!.DisposeAsync();
            gzip = null;
            await SendCompressedAsync(cancellationToken);
        }
        return hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        gzip?.Dispose();
        compressed.Dispose();
        hash.Dispose();
    }

    /// <summary>Compresses the beginning of the text, piece by piece: how a text is compressed depends on how it comes.</summary>
    private void Compress(int length)
    {
        gzip ??= new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true);
        for (var at = 0; at < length; at += CompressedBytes)
        {
            gzip.Write(Text.WrittenSpan.Slice(at, Math.Min(CompressedBytes, length - at)));
        }
        rest.Clear();
        rest.WriteBytes(Text.WrittenSpan[length..]);
        Text.Clear();
        Text.WriteBytes(rest.WrittenSpan);
    }

    private async ValueTask SendCompressedAsync(CancellationToken cancellationToken)
    {
        await SendAsync(compressed.GetBuffer().AsMemory(0, (int)compressed.Length), cancellationToken);
        compressed.SetLength(0);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length > 0)
        {
            hash.AppendData(bytes.Span);
            Bytes += bytes.Length;
            await sink.WriteAsync(bytes, cancellationToken);
        }
    }
}
