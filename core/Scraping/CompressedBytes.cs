namespace Tributary.Scraping;

/// <summary>The bytes of a body before they are decompressed, read once; notes whether they came to their end.</summary>
/// <remarks>
/// When they have, and the decompression is not at its own end, the body is cut and not damaged. The runtime tells the two
/// ends apart only with <c>System.IO.Compression.UseStrictValidation</c>, which the build sets.
/// </remarks>
/// <param name="source">The bytes; not disposed with this.</param>
internal sealed class CompressedBytes(Stream source) : Stream
{
    private bool hasBegun;

    /// <summary>Whether the end was read.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="EndOfStreamException">There is not one byte: what is compressed has some even if it is nothing.</exception>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => Note(await source.ReadAsync(buffer, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="EndOfStreamException">There is not one byte: what is compressed has some even if it is nothing.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Note(source.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Note(int count)
    {
        if (count == 0 && !hasBegun)
        {
            throw new EndOfStreamException("the gzip body is empty, it has not even a header");
        }
        hasBegun = true;
        HasEnded |= count == 0;
        return count;
    }
}
