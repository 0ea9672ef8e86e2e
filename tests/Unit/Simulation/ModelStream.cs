namespace Tributary.Tests.Unit.Simulation;

/// <summary>A body on its way: in pieces, slowly at times; it may break or stall where its bytes end.</summary>
internal sealed class ModelStream(ReadOnlyMemory<byte> bytes, ModelEnd end, TimeProvider time, SeededRandom random)
    : Stream
{
    private int position;

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
        if (position > 0 && random.Chance(0.1))
        {
            await Task.Delay(random.NextDelay(TimeSpan.FromSeconds(1)), time, cancellationToken);
        }
        var left = bytes[position..];
        if (left.IsEmpty && end is ModelEnd.Stalls)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        if (left.IsEmpty && end is ModelEnd.Breaks)
        {
            throw new IOException("reset");
        }
        var count = Math.Min(buffer.Length, left.Length);
        count = count > 1 && random.Chance(0.2) ? 1 + random.Next(count) : count;
        left.Span[..count].CopyTo(buffer.Span);
        position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>What comes behind the bytes of a body.</summary>
internal enum ModelEnd
{
    /// <summary>Its end.</summary>
    Ends,

    /// <summary>The connection breaks.</summary>
    Breaks,

    /// <summary>Nothing, and no end.</summary>
    Stalls,
}
