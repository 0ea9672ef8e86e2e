using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>A log file that is read on for one destination, in small pieces.</summary>
/// <param name="file">The file as it is listed.</param>
/// <param name="position">How far the destination has taken it.</param>
/// <param name="series">Makes equal series one object.</param>
internal sealed class QueuedFile(PlannedLogFile file, LogPosition position, SeriesTable series)
{
    /// <summary>Bytes that are read at once; a longer record takes more.</summary>
    private const int PieceBytes = 1024 * 1024;

    private readonly FollowedFile followed = new(new LogDecoder(file.Name, series));
    private readonly Queue<LogPart> parts = new();
    private int pieceBytes = PieceBytes;

    /// <summary>The end of the file when nothing more of it could be read.</summary>
    private long readToBytes;

    /// <summary>The file.</summary>
    public LogFileName Name => file.Name;

    /// <summary>How long it is known to be.</summary>
    public long LengthBytes => file.Blob.LengthBytes;

    /// <summary>Behind what was handed out; at first, how far the destination has taken it.</summary>
    public LogPosition Position { get; private set; } = position;

    /// <summary>What is wrong with it; it is read no further then.</summary>
    public string? Problem => followed.Problem;

    /// <summary>The next part, once it is read.</summary>
    public LogPart? Head => parts.TryPeek(out var head) ? head : null;

    /// <summary>Whether all there is was handed out.</summary>
    public bool IsExhausted => parts.Count == 0 && (Problem is not null || readToBytes >= LengthBytes);

    /// <summary>What the file has told of metric families since it was asked last.</summary>
    public IEnumerable<MetricMetadata> TakeMetadata()
    {
        if (followed.Decoder.Metadata.Count == 0)
        {
            return [];
        }
        var told = followed.Decoder.Metadata.Select(entry => entry.Metadata).ToList();
        followed.Decoder.Metadata.Clear();
        return told;
    }

    /// <summary>What was read until now was taken before; of the next part, some samples may have been.</summary>
    public void Begin(LogPosition taken) => Position = LogPosition.Further(taken, Position);

    /// <summary>Takes note of how long it is now.</summary>
    public void Grow(PlannedLogFile listed) => file = listed;

    /// <summary>Reads until there is a <see cref="Head"/>, or nothing more.</summary>
    /// <exception cref="StoreException">The store cannot be read, or the file is gone.</exception>
    public async Task ReadOnAsync(IBlobStore blobs, CancellationToken cancellationToken)
    {
        var complete = new List<LogPart>();
        while (parts.Count == 0 && Problem is null && readToBytes < LengthBytes)
        {
            var from = followed.Decoder.OffsetBytes;
            var piece = new byte[(int)Math.Min(pieceBytes, LengthBytes - from)];
            var read = await blobs.ReadAsync(Name.ToString(), from, piece, ifMatch: null, cancellationToken);
            Scan(piece.AsMemory(0, read), complete);
            if (followed.Decoder.OffsetBytes > from)
            {
                pieceBytes = PieceBytes;
                readToBytes = followed.Decoder.OffsetBytes;
            }
            else if (from + piece.Length < LengthBytes && read == piece.Length)
            {
                // One record is longer than a piece.
                pieceBytes = checked(pieceBytes * 2);
            }
            else
            {
                // The rest of a record is still to come, or never comes, when its writer was killed.
                readToBytes = LengthBytes;
            }
        }
    }

    /// <summary>Decodes the head and takes it.</summary>
    /// <param name="samples">Gets all its samples, with their numbers.</param>
    /// <returns>The part.</returns>
    public LogPart Take(List<QueuedSample> samples)
    {
        var part = parts.Dequeue();
        var index = 0;
        foreach (var column in part.Columns)
        {
            if (followed.TryDecode(column) is not { } columns)
            {
                break;
            }
            var times = columns.TimestampsMs.Span;
            var values = columns.Values.Span;
            var histograms = columns.Histograms.Span;
            for (var i = 0; i < columns.Count; i++)
            {
                var histogram = histograms.IsEmpty ? null : histograms[i];
                samples.Add(new QueuedSample(columns.Series[i], times[i], values[i], histogram, index++));
            }
        }
        Position = new LogPosition(part.EndBytes, 0);
        return part;
    }

    private void Scan(ReadOnlyMemory<byte> piece, List<LogPart> complete)
    {
        try
        {
            followed.Decoder.Scan(piece, complete);
        }
        catch (CorruptDataException exception)
        {
            followed.Problem = exception.Message;
        }
        complete.ForEach(parts.Enqueue);
        complete.Clear();
    }
}
