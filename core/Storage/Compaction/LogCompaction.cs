using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Compaction;

/// <summary>Makes a block of level 1 of the sealed log files of one window.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="options">What it may use.</param>
internal sealed class LogCompaction(IBlobStore blobs, CompactionOptions options)
{
    /// <summary>Of the memory, the part that is for chunks; the rest is for pieces of files and for what is uploaded.</summary>
    private const int ChunksPart = 2;

    /// <summary>Writes the block; null when no sample is left for it.</summary>
    /// <exception cref="CorruptDataException">A log file breaks the format; it names the file.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<WrittenBlock?> WriteAsync(BlockTask task, CancellationToken cancellationToken)
    {
        var table = new SeriesTable();
        var ledger = new BatchLedger();
        // First, because which batch of a tick counts is decided among all files.
        foreach (var file in task.LogFiles)
        {
            var decoder = new LogDecoder(file.Name, table);
            await ReadAsync(file, decoder, part => ledger.Offer(part), cancellationToken);
        }
        using var runs = new RunBuilder(options.MemoryBytes / ChunksPart, options);
        foreach (var file in task.LogFiles)
        {
            var deletes = SeriesDeletes.Of(task.Deletes.Where(delete => delete.LogFiles.Contains(file.Name)));
            var decoder = new LogDecoder(file.Name, table);
            var states = new SlotMap<ColumnState>();
            await ReadAsync(file, decoder, part => Take(part, decoder, states, deletes), cancellationToken);
        }
        return await WriteAsync(task, runs, cancellationToken);

        void Take(LogPart part, LogDecoder decoder, SlotMap<ColumnState> states, SeriesDeletes deletes)
        {
            var counts = ledger.Counts(part);
            foreach (var column in part.Columns)
            {
                // Also of one that does not count, because later ones are written as differences to it.
                var columns = decoder.Decode(column, states);
                if (counts)
                {
                    runs.Append(columns, deletes);
                }
            }
        }
    }

    private async Task<WrittenBlock?> WriteAsync(BlockTask task, RunBuilder runs, CancellationToken cancellationToken)
    {
        var order = runs.Finish().ToArray();
        if (order.Length == 0)
        {
            return null;
        }
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var series in runs.Series)
        {
            SeriesLabels.AddTexts(series, texts);
        }
        var labels = SeriesLabels.Of(texts);
        using var block = new BlockWriter(
            blobs,
            BlockMetaDescription.MetaOf(task, options.StoreId),
            labels.Symbols,
            options.Writing
        );
        var merger = new ChunkMerger(block, ConflictRule.ByValue, encodesAnew: true, ["log"]);
        await block.BeginAsync(cancellationToken);
        foreach (var number in order)
        {
            block.BeginSeries(labels.Of(runs.Series[number]));
            runs.Take(number, merger);
            merger.Write();
            block.EndSeries();
            if (block.WantsFlush)
            {
                await block.FlushAsync(cancellationToken);
            }
        }
        return block.SeriesCount == 0 ? null : WrittenBlock.Of(await block.FinishAsync(cancellationToken));
    }

    private Task ReadAsync(
        PlannedLogFile file,
        LogDecoder decoder,
        Action<LogPart> take,
        CancellationToken cancellationToken
    ) => LogFileScan.ReadAsync(blobs, file.Name, file.Blob.LengthBytes, decoder, take, cancellationToken);
}
