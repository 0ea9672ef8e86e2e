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
        gzip ??= new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true);
        gzip.Write(Text.WrittenSpan);
        Text.Clear();
        await SendCompressedAsync(cancellationToken);
    }

    /// <summary>Sends the rest.</summary>
    /// <returns>The SHA-256 of all bytes.</returns>
    public async ValueTask<byte[]> FinishAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (gzip is not null)
        {
            // The end of a compressed text comes with this alone; what is written goes to memory.
            await gzip.DisposeAsync();
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
