namespace Tributary.Tests.Unit.Scraping;

/// <summary>A body in pieces, by a function that fills a buffer: 0 ends it, an exception breaks it.</summary>
internal sealed class ScriptedStream(Func<Memory<byte>, CancellationToken, int> read) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Bytes in pieces of at most <paramref name="piece"/>, then whatever <paramref name="end"/> does.</summary>
    public static ScriptedStream Of(byte[] bytes, int piece = int.MaxValue, Action? end = null)
    {
        var sent = 0;
        return new ScriptedStream(
            (buffer, cancellationToken) =>
            {
                if (sent == bytes.Length)
                {
                    end?.Invoke();
                    cancellationToken.ThrowIfCancellationRequested();
                    return 0;
                }
                var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - sent);
                bytes.AsMemory(sent, count).CopyTo(buffer);
                sent += count;
                return count;
            }
        );
    }

    /// <summary>The same bytes for ever.</summary>
    public static ScriptedStream Endless(byte[] bytes) =>
        new(
            (buffer, _) =>
            {
                var count = Math.Min(buffer.Length, bytes.Length);
                bytes.AsMemory(0, count).CopyTo(buffer);
                return count;
            }
        );

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return new ValueTask<int>(read(buffer, cancellationToken));
        }
        catch (Exception problem) when (problem is IOException or OperationCanceledException)
        {
            return ValueTask.FromException<int>(problem);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => read(buffer.AsMemory(offset, count), default);

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
