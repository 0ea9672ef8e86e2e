using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Looks at the log's files: lists them, or reads every byte of them.</summary>
public sealed class VerifyLogJob(IBlobStore blobs)
{
    private const int PieceBytes = 8 * 1024 * 1024;

    /// <summary>The files of the log, in the order of their names.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async IAsyncEnumerable<LogFileFacts> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var info in blobs.ListAsync(LogFileName.Prefix, cancellationToken))
        {
            yield return LogFileName.TryParse(info.Name, out _)
                ? new LogFileFacts(info)
                : new LogFileFacts(info) { Problem = "not the name of a log file" };
        }
    }

    /// <summary>Reads a file whole, decodes every column and checks every checksum.</summary>
    /// <exception cref="StoreException">The store cannot be used, or the file has gone meanwhile.</exception>
    public async Task<LogFileFacts> VerifyAsync(LogFileFacts file, CancellationToken cancellationToken)
    {
        if (!LogFileName.TryParse(file.Blob.Name, out var name))
        {
            return file;
        }
        var decoder = new LogDecoder(name, new SeriesTable());
        var states = new SlotMap<ColumnState>();
        try
        {
            while (decoder.OffsetBytes < file.Blob.LengthBytes)
            {
                var bytes = new byte[Math.Min(PieceBytes, file.Blob.LengthBytes - decoder.OffsetBytes)];
                var read = await blobs.ReadAsync(name.ToString(), decoder.OffsetBytes, bytes, null, cancellationToken);
                var before = decoder.OffsetBytes;
                var parts = new List<LogPart>();
                try
                {
                    decoder.Scan(bytes.AsMemory(0, read), parts);
                }
                finally
                {
                    // What stands before the damage counts, too.
                    foreach (var part in parts)
                    {
                        file = Count(file, part, decoder, states);
                    }
                    file = file with { Series = decoder.SeriesCount };
                }
                if (decoder.OffsetBytes == before)
                {
                    return file with
                    {
                        Problem =
                            $"ends inside a record: {file.Blob.LengthBytes - before} bytes from offset {before} on",
                    };
                }
            }
            return file;
        }
        catch (CorruptDataException exception)
        {
            return file with { Problem = exception.Message };
        }
    }

    private static LogFileFacts Count(LogFileFacts file, LogPart part, LogDecoder decoder, SlotMap<ColumnState> states)
    {
        var samples = file.Samples;
        foreach (var column in part.Columns)
        {
            samples += decoder.Decode(column, states).Count;
        }
        return file with
        {
            Samples = samples,
            Batches = file.Batches + (part.Report is null ? 0 : 1),
            OtherParts = file.OtherParts + (part.Report is null ? 1 : 0),
        };
    }
}
