using System.Buffers;

namespace Tributary.Exposition;

/// <summary>A window over a streamed body: what was read and not yet consumed, in pooled memory.</summary>
/// <param name="maxLineBytes">The longest line; the window never grows beyond it.</param>
internal sealed class BodyBuffer(int maxLineBytes) : IDisposable
{
    /// <summary>With the byte for a newline a whole power of two, as the pool has them.</summary>
    private const int InitialBytes = (128 * 1024) - 1;

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Min(InitialBytes, maxLineBytes) + 1);
    private int start;
    private int end;

    /// <summary>The bytes at hand.</summary>
    public ReadOnlySpan<byte> Unread => bytes.AsSpan(start, end - start);

    /// <summary>Where <see cref="Unread"/> begins in the body.</summary>
    public long Offset { get; private set; }

    /// <summary>How many bytes of the body have been read.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Drops bytes from the beginning of <see cref="Unread"/>.</summary>
    public void Consume(int count)
    {
        start += count;
        Offset += count;
    }

    /// <summary>Reads on until there is another line's end, or no room; in a format without lines, once.</summary>
    /// <param name="body">The body.</param>
    /// <param name="line">The number of the line at the beginning of <see cref="Unread"/>; 0 in a format without lines.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False at the end of the body.</returns>
    /// <exception cref="ExpositionException">A line is longer than allowed.</exception>
    public async ValueTask<bool> FillAsync(Stream body, int line, CancellationToken cancellationToken)
    {
        MakeRoom(line);
        while (end < bytes.Length - 1)
        {
            var count = await body.ReadAsync(bytes.AsMemory(end, bytes.Length - 1 - end), cancellationToken);
            if (count == 0)
            {
                return false;
            }
            var fresh = bytes.AsSpan(end, count);
            end += count;
            TotalBytes += count;
            if (line == 0 || fresh.Contains((byte)'\n'))
            {
                break;
            }
        }
        return true;
    }

    /// <summary>Puts a newline behind the last byte, for a last line without one.</summary>
    public void AddNewline() => bytes[end++] = (byte)'\n';

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        start = end = 0;
    }

    /// <summary>Moves what is left to the front, and doubles the memory when it is full. One byte stays for the newline.</summary>
    private void MakeRoom(int line)
    {
        var left = Unread;
        if (start > 0)
        {
            left.CopyTo(bytes);
            (start, end) = (0, left.Length);
            return;
        }
        if (end < bytes.Length - 1)
        {
            return;
        }
        if (left.Length >= maxLineBytes)
        {
            throw new ExpositionException(
                line == 0
                    ? $"a metric (or help text) larger than {maxLineBytes} bytes"
                    : $"a line longer than {maxLineBytes} bytes (or a quote that is not closed)",
                line,
                Offset,
                line == 0 ? [] : left
            );
        }
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * left.Length, maxLineBytes) + 1);
        left.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
