using System.IO.Pipelines;

namespace Tributary.Functions.Hosting;

/// <summary>A stream that is only written to, into the buffer of an answer's body, and counts what is; who has it flushes the buffer.</summary>
internal sealed class BodyStream(PipeWriter output) : Stream
{
    /// <summary>The bytes so far.</summary>
    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Counts bytes that stand in the buffer already.</summary>
    public void Advance(int count)
    {
        Written += count;
        output.Advance(count);
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // As long as asked for: a span of any length may be an empty one before an answer has begun.
        buffer.CopyTo(output.GetSpan(buffer.Length));
        Advance(buffer.Length);
    }
}
