using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>Reads a section (length, content, CRC-32C) front to back in pieces, and compares the checksum at its end.</summary>
internal sealed class SectionScanner
{
    private const int PieceBytes = 2 * 1024 * 1024;

    private readonly RangeReader ranges;
    private readonly BlobFile file;
    private readonly string what;
    private byte[] buffer = [];
    private int start;
    private int end;
    private long next;
    private uint checksum;

    private SectionScanner(RangeReader ranges, BlobFile file, long contentStart, long contentEnd, string what)
    {
        this.ranges = ranges;
        this.file = file;
        this.what = what;
        next = contentStart;
        ContentEnd = contentEnd;
    }

    /// <summary>The first byte behind the content.</summary>
    public long ContentEnd { get; }

    /// <summary>The file, for errors.</summary>
    public string FileName => file.Name;

    /// <summary>Bytes at hand.</summary>
    public ReadOnlySpan<byte> Buffered => buffer.AsSpan(start, end - start);

    /// <summary>Where in the file the bytes at hand begin.</summary>
    public long Offset => next - (end - start);

    /// <summary>Opens the section at an offset, which ends before <paramref name="limit"/>.</summary>
    public static async ValueTask<SectionScanner> OpenAsync(
        RangeReader ranges,
        BlobFile file,
        long offset,
        long limit,
        string what,
        CancellationToken cancellationToken
    )
    {
        if (limit - offset < 2 * sizeof(uint))
        {
            throw new CorruptDataException(file.Name, offset, $"no room for the {what}");
        }
        // The whole first piece at once: the length stands before the content.
        var first = (int)Math.Min(PieceBytes, limit - offset);
        var head = await ranges.ReadAsync(file, offset, first, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.Span);
        if (length > limit - offset - (2 * sizeof(uint)))
        {
            throw new CorruptDataException(
                file.Name,
                offset,
                $"the {what} should have {length} bytes, but there are {limit - offset} in all"
            );
        }
        var contentStart = offset + sizeof(uint);
        return new SectionScanner(ranges, file, contentStart, contentStart + length, what);
    }

    /// <summary>Takes bytes off the front.</summary>
    public void Take(int count) => start += count;

    /// <summary>Brings more bytes; false at the end, where the checksum was right.</summary>
    public async ValueTask<bool> MoreAsync(CancellationToken cancellationToken)
    {
        var count = (int)Math.Min(PieceBytes, ContentEnd - next);
        if (count == 0)
        {
            await CheckAsync(cancellationToken);
            return false;
        }
        var piece = await ranges.ReadAsync(file, next, count, cancellationToken);
        var left = end - start;
        if (buffer.Length < left + count)
        {
            var larger = new byte[left + count];
            buffer.AsSpan(start, left).CopyTo(larger);
            buffer = larger;
        }
        else
        {
            buffer.AsSpan(start, left).CopyTo(buffer);
        }
        piece.Span.CopyTo(buffer.AsSpan(left));
        (start, end) = (0, left + count);
        next += count;
        checksum = Crc32C.Append(checksum, piece.Span);
        return true;
    }

    /// <summary>Reads to the end, where the checksum must be right.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        do
        {
            start = end;
        } while (await MoreAsync(cancellationToken));
    }

    /// <summary>The error for what was found at the front.</summary>
    public CorruptDataException Corrupt(string problem) => new(file.Name, Offset, $"{what}: {problem}");

    private async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        var stored = await ranges.ReadAsync(file, ContentEnd, sizeof(uint), cancellationToken);
        if (BinaryPrimitives.ReadUInt32BigEndian(stored.Span) != checksum)
        {
            throw new CorruptDataException(file.Name, ContentEnd, $"the checksum of the {what} is wrong");
        }
    }
}
