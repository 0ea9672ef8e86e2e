namespace Tributary.Tests.Unit.Federation;

/// <summary>Bytes that come piece by piece, over a time.</summary>
internal sealed class SlowStream(byte[] bytes, TimeSpan duration, TimeProvider time) : Stream
{
    private const int Pieces = 20;

    private int sent;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (sent == bytes.Length)
        {
            return 0;
        }
        var count = Math.Min(Math.Min(buffer.Length, (bytes.Length / Pieces) + 1), bytes.Length - sent);
        await Task.Delay(duration * count / bytes.Length, time, cancellationToken);
        bytes.AsMemory(sent, count).CopyTo(buffer);
        sent += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
